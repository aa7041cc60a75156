package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// progress is what was found out of the mutants of one build so far: a run that is stopped
// goes on where it was. It is a file with a line for each answer of a stage.
type progress struct {
	file *os.File
	said map[string]bool // by stage and mutant: whether it was noticed
}

// goOn opens the progress of the tests that were built in the folder.
func goOn(folder string, stages []stage) (*progress, error) {
	hash := sha256.New()
	for _, s := range stages {
		fmt.Fprintln(hash, s.name, s.args)
		if err := addFile(hash, s.binary(folder)); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(os.TempDir(), fmt.Sprintf("conversion-mutants-%.8x.txt", hash.Sum(nil)))
	before, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	whole := before[:bytes.LastIndexByte(before, '\n')+1]
	p := &progress{said: make(map[string]bool)}
	for line := range strings.Lines(string(whole)) {
		answer, key, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		p.said[key] = answer == "noticed"
	}
	fmt.Printf("progress is kept in %s; it has %d answers\n", path, len(p.said))
	if p.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	_, err = p.file.Seek(int64(len(whole)), io.SeekStart)
	return p, err
}

func addFile(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, file)
	_ = file.Close()
	return err
}

func (p *progress) answer(s stage, m mutant) (noticed, known bool) {
	noticed, known = p.said[s.name+"\t"+m.name]
	return noticed, known
}

func (p *progress) note(s stage, m mutant, noticed bool) error {
	answer := "lives"
	if noticed {
		answer = "noticed"
	}
	_, err := fmt.Fprintf(p.file, "%s\t%s\t%s\n", answer, s.name, m.name)
	return err
}
