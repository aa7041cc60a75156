package main

import (
	"fmt"
	"os"
	"strings"
)

// breach is a change to one file that breaks a single rule.
type breach struct {
	row     string // the row of docs/proof.md whose tests have to notice
	file    string // from the root of the module
	changes []change
}

// change puts one text in the place of another. Both may have several lines.
type change struct{ before, after string }

// breaches reads a file of them. Not indented is the name of a row; below it after a tab
// is a file, and below that are its changes: the lines of what is there now, each after
// "- ", and of what replaces it, each after "+ ". A row may have several breaches, each of
// which is tried alone; a breach may need several changes in its file.
func breaches(path string) (all []breach, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	row, number := "", 0
	for line := range strings.Lines(string(text)) {
		line, number = strings.TrimRight(line, "\n"), number+1
		rest, indented := strings.CutPrefix(line, "\t")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !indented:
			row = line
		case strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+"):
			if len(all) == 0 || all[len(all)-1].row != row {
				return nil, fmt.Errorf("%s:%d: a change of no file", path, number)
			}
			all[len(all)-1].add(rest[0], strings.TrimPrefix(rest[1:], " "))
		default:
			all = append(all, breach{row: row, file: rest})
		}
	}
	return all, nil
}

// add takes one more line of what is there now (-) or of what replaces it (+).
func (b *breach) add(sign byte, line string) {
	n := len(b.changes)
	begun := n > 0
	switch {
	case sign == '-' && (!begun || b.changes[n-1].after != ""):
		b.changes = append(b.changes, change{before: line})
	case sign == '-':
		b.changes[n-1].before += "\n" + line
	case begun && b.changes[n-1].after != "":
		b.changes[n-1].after += "\n" + line
	case begun:
		b.changes[n-1].after = line
	}
}

// in returns the text of the file with the rule broken. What it replaces has to be there
// exactly once: a breach that no longer meets its line must not go unseen.
func (b breach) in(text string) (string, error) {
	if len(b.changes) == 0 {
		return "", fmt.Errorf("nothing is changed in %s", b.file)
	}
	for _, c := range b.changes {
		if n := strings.Count(text, c.before); n != 1 || c.before == "" {
			return "", fmt.Errorf("%s has this %d times:\n%s", b.file, n, c.before)
		}
		if c.before == c.after {
			return "", fmt.Errorf("%s stays as it is", b.file)
		}
		text = strings.Replace(text, c.before, c.after, 1)
	}
	return text, nil
}
