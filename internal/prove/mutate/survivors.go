package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// compare holds the survivors to the file in which each is explained: "name: why". With all
// mutants tried, one that is explained and does not survive is told as well.
func compare(path string, survivors, tried []mutant, all bool) error {
	why, err := reasons(path)
	if err != nil {
		return err
	}
	var wrong []string
	survive := make(map[string]bool)
	for _, m := range survivors {
		survive[m.name] = true
		if why[m.name] == "" {
			wrong = append(wrong, "nobody explained why this may survive: "+m.name)
		}
	}
	exists := make(map[string]bool)
	for _, m := range tried {
		exists[m.name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(why)) {
		switch {
		case exists[name] && !survive[name]:
			wrong = append(wrong, "a test notices this now, it needs no explanation: "+name)
		case all && !exists[name]:
			wrong = append(wrong, "there is no such mutant any more: "+name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s and the survivors differ:\n%s", path, strings.Join(wrong, "\n"))
	}
	return nil
}

// reasons reads a file of mutants: a name a line, and below it after a tab why it may live.
func reasons(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	why := make(map[string]string)
	name := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			why[name] = strings.TrimSpace(why[name] + " " + strings.TrimSpace(line))
		default:
			name = line
			why[name] = ""
		}
	}
	return why, nil
}
