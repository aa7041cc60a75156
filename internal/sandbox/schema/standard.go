package schema

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed objects/*.txt tooling/*.txt
var objectFiles embed.FS

// Standard returns the standard objects of an org with the given features, by
// API name. Every call gives fresh deep copies: an org may add fields to its own
// without touching another's.
func Standard(features ...string) map[string]*Object {
	has := func(feature string) bool { return feature == "" || slices.Contains(features, feature) }
	objects := make(map[string]*Object)
	for name, object := range parsed() {
		if has(object.Feature) {
			objects[name] = object.clone(has)
		}
	}
	return objects
}

// Tooling returns the objects of the Tooling API in which an org describes
// itself, as fresh copies like Standard.
func Tooling() map[string]*Object {
	objects := make(map[string]*Object)
	for name, object := range parsedTooling() {
		objects[name] = object.clone(func(feature string) bool { return feature == "" })
	}
	return objects
}

// parsed reads the embedded files once. They are part of the program, so a
// mistake in them is a programming error.
var (
	parsed        = sync.OnceValue(func() map[string]*Object { return mustParse("objects") })
	parsedTooling = sync.OnceValue(func() map[string]*Object { return mustParse("tooling") })
)

func mustParse(directory string) map[string]*Object {
	objects, err := parseEmbedded(directory)
	if err != nil {
		panic("schema: " + err.Error())
	}
	return objects
}

func parseEmbedded(directory string) (map[string]*Object, error) {
	files, err := objectFiles.ReadDir(directory)
	if err != nil {
		return nil, fmt.Errorf("list the object files: %w", err)
	}
	texts := make(map[string]string, len(files))
	for _, file := range files {
		text, err := objectFiles.ReadFile(path.Join(directory, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("read an object file: %w", err)
		}
		texts[file.Name()] = string(text)
	}
	return parse(texts)
}

// addChildren gives every object the relations that point at it, in a fixed
// order. They are declared once, at the referring field.
func addChildren(objects map[string]*Object, relations []relation) {
	for _, r := range relations {
		for _, target := range r.targets {
			if parent, ok := objects[target]; ok {
				parent.Children = append(parent.Children, r.child)
			}
		}
	}
	for _, object := range objects {
		slices.SortStableFunc(object.Children, func(a, b Child) int {
			return strings.Compare(a.ChildSObject+"."+a.Field, b.ChildSObject+"."+b.Field)
		})
	}
}

// clone copies the object as an org has it that has some of the features.
func (o *Object) clone(has func(feature string) bool) *Object {
	c := *o
	c.Children = slices.DeleteFunc(slices.Clone(o.Children), func(child Child) bool { return !has(child.Feature) })
	c.Fields = slices.DeleteFunc(slices.Clone(o.Fields), func(f Field) bool { return !has(f.Feature) })
	for i := range c.Fields {
		c.Fields[i].Picklist = slices.Clone(c.Fields[i].Picklist)
		c.Fields[i].ReferenceTo = slices.Clone(c.Fields[i].ReferenceTo)
	}
	return &c
}
