package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The object files say one thing a line; blank lines and lines that begin
// with # are skipped. A file with an object in it begins with
//
//	object Lead "Lead" "Leads" prefix 00Q allows create update delete
//
// (prefix - if its ids have none of their own; at the end "with FEATURE" if it
// comes with a feature of the org, "view OBJECT" if it shows a part of
// another's records) and goes on with its fields:
//
//	Email  email(80)  "Email"  CUN  lookup
//
// name, type with its size, label, access and then any modifiers. The access
// letters are C createable, U updateable, N nillable, D defaulted on create;
// "-" is none of them. The modifiers are listed at modifiers below.
// picklists.txt names the lists of values that fields share:
//
//	list Rating
//	  Hot
//	  OutOfOffice = Out of Office
//	  Warm *
//
// with the label where it differs from the value, and * at the default.

const picklistFile = "picklists.txt"

// relation is a reference seen from its field, kept until all objects are
// known.
type relation struct {
	child   Child
	targets []string
}

// parser holds what the lines read so far have declared.
type parser struct {
	lists     map[string][]PicklistValue
	objects   map[string]*Object
	relations []relation
}

// parse reads object files by name. Errors name the file and the line.
func parse(files map[string]string) (map[string]*Object, error) {
	p := &parser{lists: map[string][]PicklistValue{}, objects: map[string]*Object{}}
	if err := p.eachLine(picklistFile, files[picklistFile], p.picklistLine()); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == picklistFile {
			continue
		}
		if err := p.eachLine(name, files[name], p.objectLine()); err != nil {
			return nil, err
		}
	}
	addChildren(p.objects, p.relations)
	return p.objects, nil
}

func (p *parser) eachLine(file, text string, read func(string) error) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		if blank := strings.TrimSpace(line); blank == "" || blank[0] == '#' {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	return nil
}

// picklistLine reads the lines of picklists.txt: a list's name, then its
// indented values.
func (p *parser) picklistLine() func(string) error {
	current := ""
	return func(line string) error {
		if name, ok := strings.CutPrefix(line, "list "); ok {
			if _, twice := p.lists[name]; twice {
				return fmt.Errorf("list %s is there twice", name)
			}
			current, p.lists[name] = name, []PicklistValue{}
			return nil
		}
		if current == "" {
			return fmt.Errorf("a value before the first list: %q", line)
		}
		p.lists[current] = append(p.lists[current], picklistValue(strings.TrimSpace(line)))
		return nil
	}
}

func picklistValue(text string) PicklistValue {
	text, isDefault := strings.CutSuffix(text, " *")
	value, label, labelled := strings.Cut(text, " = ")
	if !labelled {
		label = value
	}
	return PicklistValue{Value: value, Label: label, Active: true, Default: isDefault}
}

// objectLine reads the lines of an object's file: the object, then its fields.
func (p *parser) objectLine() func(string) error {
	var current *Object
	return func(line string) error {
		words, err := splitWords(line)
		if err != nil {
			return err
		}
		if words[0] == "object" {
			current, err = p.object(words[1:])
			return err
		}
		if current == nil {
			return fmt.Errorf("field %s before its object", words[0])
		}
		return p.field(current, words)
	}
}

func (p *parser) object(words []string) (*Object, error) {
	if len(words) < 6 || words[3] != "prefix" || words[5] != "allows" {
		return nil, fmt.Errorf(`want: object NAME "LABEL" "PLURAL" prefix XXX allows WORDS`)
	}
	o := &Object{Name: words[0], Label: words[1], LabelPlural: words[2], KeyPrefix: words[4]}
	if _, twice := p.objects[o.Name]; twice {
		return nil, fmt.Errorf("object %s is there twice", o.Name)
	}
	allowed := map[string]*bool{
		"create": &o.Createable, "update": &o.Updateable, "delete": &o.Deletable,
		"undelete": &o.Undeletable, "merge": &o.Mergeable, "query": &o.Queryable,
	}
	named := map[string]*string{"with": &o.Feature, "view": &o.View}
	for rest := words[6:]; len(rest) > 0; rest = rest[1:] {
		word := rest[0]
		if name, ok := named[word]; ok && len(rest) > 1 {
			*name, rest = rest[1], rest[1:]
			continue
		}
		flag, ok := allowed[word]
		if !ok {
			return nil, fmt.Errorf("object %s allows the unknown %q", o.Name, word)
		}
		*flag = true
	}
	if o.KeyPrefix == "-" {
		o.KeyPrefix = ""
	}
	p.objects[o.Name] = o
	return o, nil
}

func (p *parser) field(o *Object, words []string) error {
	if len(words) < 4 {
		return fmt.Errorf(`field %s: want: NAME TYPE "LABEL" ACCESS and modifiers`, words[0])
	}
	f := Field{Name: words[0], Label: words[2]}
	if _, twice := o.Field(f.Name); twice {
		return fmt.Errorf("field %s.%s is there twice", o.Name, f.Name)
	}
	if err := f.setType(words[1]); err != nil {
		return fmt.Errorf("field %s: %w", f.Name, err)
	}
	if err := f.setAccess(words[3]); err != nil {
		return fmt.Errorf("field %s: %w", f.Name, err)
	}
	r := relation{child: Child{ChildSObject: o.Name, Field: f.Name}}
	m := &modified{parser: p, field: &f, relation: &r, rest: words[4:]}
	if err := m.apply(); err != nil {
		return fmt.Errorf("field %s: %w", f.Name, err)
	}
	f.derive(m)
	o.Fields = append(o.Fields, f)
	r.child.Feature = cmp.Or(f.Feature, o.Feature)
	if r.targets = f.ReferenceTo; len(r.targets) > 0 && !m.onesided {
		p.relations = append(p.relations, r)
	}
	return nil
}

// setType reads "string(80)", "double(18,15)", "int(8)" or a bare type.
func (f *Field) setType(text string) error {
	name, size, sized := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	f.Type = Type(name)
	want, known := sizes[f.Type]
	if !known {
		return fmt.Errorf("unknown type %q", name)
	}
	var numbers []int
	for part := range strings.SplitSeq(size, ",") {
		if !sized {
			break
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return fmt.Errorf("the size of %s is no number", text)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != want {
		return fmt.Errorf("type %s takes %d sizes, not %d", name, want, len(numbers))
	}
	f.setSize(numbers)
	return nil
}

func (f *Field) setSize(numbers []int) {
	switch {
	case f.Type == ID || f.Type == Reference:
		f.Length = 18
	case f.Type == Int:
		f.Digits = numbers[0]
	case len(numbers) == 2:
		f.Precision, f.Scale = numbers[0], numbers[1]
	case len(numbers) == 1:
		f.Length = numbers[0]
	}
}

// sizes says how many numbers follow a type.
var sizes = map[Type]int{
	ID: 0, Boolean: 0, Date: 0, DateTime: 0, Time: 0, Reference: 0, Address: 0, Base64: 0, ComplexValue: 0,
	String: 1, Email: 1, Phone: 1, URL: 1, TextArea: 1, Picklist: 1, MultiPicklist: 1,
	Combobox: 1, EncryptedString: 1, Int: 1, Long: 0, JunctionIDList: 0,
	Double: 2, Currency: 2, Percent: 2,
}

func (f *Field) setAccess(letters string) error {
	flags := map[rune]*bool{'C': &f.Createable, 'U': &f.Updateable, 'N': &f.Nillable, 'D': &f.DefaultedOnCreate}
	if letters == "-" {
		return nil
	}
	for _, letter := range letters {
		flag, ok := flags[letter]
		if !ok {
			return fmt.Errorf("unknown access letter %q in %q", letter, letters)
		}
		*flag = true
	}
	return nil
}

// splitWords cuts a line at blanks and keeps "quoted text" together.
func splitWords(line string) ([]string, error) {
	var words []string
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		if rest[0] == '"' {
			text, after, closed := strings.Cut(rest[1:], `"`)
			if !closed {
				return nil, fmt.Errorf("a quote is not closed: %s", rest)
			}
			words, rest = append(words, text), after
			continue
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		words, rest = append(words, rest[:end]), rest[end:]
	}
	return words, nil
}
