package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// loadFile is one file to read: CSV of the named object, or a tree, whose
// records name their objects themselves.
type loadFile struct {
	path, object string
	text         []byte
}

func (f loadFile) isCSV() bool { return f.object != "" }

// findLoadFiles turns the specs into files with their text, each once, and lists
// the files of directories that no export tool makes.
func findLoadFiles(specs []LoadSpec) (files []loadFile, ignored []string, err error) {
	for _, spec := range specs {
		paths, others, err := spec.paths()
		if err != nil {
			return nil, nil, err
		}
		ignored = append(ignored, others...)
		for _, path := range paths {
			found, err := filesOf(path, spec.Object)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, found...)
		}
	}
	files = withoutRepeats(files)
	for i := range files {
		if files[i].text, err = os.ReadFile(files[i].path); err != nil {
			return nil, nil, fmt.Errorf("load %s: %w", files[i].path, reasonOf(err))
		}
	}
	return files, ignored, nil
}

// paths lists the data files of a spec, and what else lies beside them.
func (s LoadSpec) paths() (data, others []string, err error) {
	info, err := os.Stat(s.Path)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("load %s: %w", s.Path, reasonOf(err))
	case !info.IsDir():
		return []string{s.Path}, nil, nil
	case s.Object != "":
		return nil, nil, fmt.Errorf("load %s: a directory holds many objects, not just %s", s.Path, s.Object)
	}
	return dataFilesOf(s.Path)
}

// reasonOf drops the path of a file error, which the message names already.
func reasonOf(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func dataFilesOf(directory string) (data, others []string, err error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", directory, reasonOf(err))
	}
	for _, entry := range entries {
		path := filepath.Join(directory, entry.Name())
		switch ext := strings.ToLower(filepath.Ext(path)); {
		case entry.IsDir() || ext != ".csv" && ext != ".json":
			others = append(others, path)
		default:
			data = append(data, path)
		}
	}
	if len(data) == 0 {
		return nil, nil, fmt.Errorf("load %s: there is no CSV or JSON file in it", directory)
	}
	return data, others, nil
}

// filesOf gives the file itself, or the files that it lists if it is a plan.
func filesOf(path, object string) ([]loadFile, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		object = cmp.Or(object, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
		return []loadFile{{path: path, object: object}}, nil
	case ".json":
		if object != "" {
			return nil, fmt.Errorf("load %s: the records of a JSON file name their objects themselves", path)
		}
		return planFiles(path)
	}
	return nil, fmt.Errorf("load %s: neither .csv nor .json", path)
}

// planFiles reads what "sf data export tree --plan" writes: a list of objects
// and their files. Any other JSON file is taken for a tree itself.
func planFiles(path string) ([]loadFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, reasonOf(err))
	}
	if trimmed := strings.TrimLeft(string(withoutBOM(text)), " \t\r\n"); !strings.HasPrefix(trimmed, "[") {
		return []loadFile{{path: path}}, nil
	}
	var plan []struct{ Files []string }
	if err := json.Unmarshal(withoutBOM(text), &plan); err != nil {
		return nil, fmt.Errorf("load %s: read it as a plan: %w", path, err)
	}
	var files []loadFile
	for _, part := range plan {
		for _, name := range part.Files {
			files = append(files, loadFile{path: filepath.Join(filepath.Dir(path), filepath.FromSlash(name))})
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("load %s: neither a tree of records nor a plan that lists files", path)
	}
	return files, nil
}

func withoutRepeats(files []loadFile) []loadFile {
	seen := map[string]bool{}
	return slices.DeleteFunc(files, func(f loadFile) bool {
		path := filepath.Clean(f.path)
		repeated := seen[path]
		seen[path] = true
		return repeated
	})
}

// read gives the rows of one file.
func (l *loader) read(file loadFile) ([]*loadRow, error) {
	if !file.isCSV() {
		return readTree(l.tx.org, file)
	}
	object, ok := l.tx.org.object(file.object)
	if !ok {
		return nil, fmt.Errorf("load %s: there is no object %s (say which it holds: Account=%s)",
			file.path, file.object, filepath.Base(file.path))
	}
	if !object.Createable {
		return nil, fmt.Errorf("load %s: a record of %s cannot be made", file.path, object.Name)
	}
	return readCSV(file, object)
}
