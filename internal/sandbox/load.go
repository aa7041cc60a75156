package sandbox

import (
	"cmp"
	"fmt"
	"strings"
)

// LoadSpec says what to load.
type LoadSpec struct {
	// Path is a file, or a directory of which all files are loaded.
	Path string
	// Object is the object of a CSV file; "" when the file is named after it
	// (Account.csv).
	Object string
}

// ParseLoadSpec reads the forms of the --load flag: "DIR", "FILE" and
// "Account=accountData.csv".
func ParseLoadSpec(text string) LoadSpec {
	object, path, named := strings.Cut(text, "=")
	if !named || strings.ContainsAny(object, `/\.`) {
		return LoadSpec{Path: text}
	}
	return LoadSpec{Path: path, Object: object}
}

// Loaded says what loading has put into the org.
type Loaded struct {
	// Records counts the inserted records by object.
	Records map[string]int
	// CustomFields are the fields made from unknown columns that end in __c,
	// as "Contact.Picture__c", sorted.
	CustomFields []string
	// PlaceholderUsers counts the Users made because a record names an owner,
	// a creator or the like that no file and no record of the org describes.
	PlaceholderUsers int
	// Ignored are the files of directories that are neither CSV nor JSON.
	Ignored []string
}

// Load reads a file, or all files of a directory, as Salesforce's tools export
// them; LoadSpecs says which.
func (o *Org) Load(path string) (Loaded, error) { return o.LoadSpecs(LoadSpec{Path: path}) }

// LoadSpecs reads Data Loader CSV and the JSON of "sf data export tree" and
// inserts their records with their ids and audit fields. All specs are one
// load: records may refer to each other across files. Unknown columns that end
// in __c become custom fields. Anything that cannot be read is an error that
// names file and line, and then nothing is loaded.
func (o *Org) LoadSpecs(specs ...LoadSpec) (Loaded, error) {
	files, ignored, err := findLoadFiles(specs)
	if err != nil {
		return Loaded{}, err
	}
	loaded := Loaded{Records: map[string]int{}, Ignored: ignored}
	var failed error
	err = o.write(o.Admin(), func(t *tx) *Error {
		t.unlogged = true
		return t.fill(func() *Error {
			if failed = newLoader(t, &loaded).load(files); failed != nil {
				return errNotLoaded
			}
			return nil
		})
	})
	if failed != nil {
		return Loaded{}, failed
	}
	return loaded, err
}

// errNotLoaded makes a transaction take everything back; the load itself says
// what was wrong.
var errNotLoaded = refusal("UNKNOWN_EXCEPTION", "the load failed")

// loadRow is one record of a file before its values have been understood.
type loadRow struct {
	file   string
	line   int
	object *object
	// reference is the record's referenceId in a tree, by which others refer
	// to it with "@".
	reference string
	// columns names the cells; the rows of one CSV file share it.
	columns []string
	// cells hold a string, bool, json.Number or nil. A row of a CSV file has its
	// text instead: large files would not fit in memory otherwise.
	cells []any
	text  string

	id string
}

func (r *loadRow) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", r.file, r.line, fmt.Errorf(format, args...))
}

// loader checks all rows before the first is inserted.
type loader struct {
	tx     *tx
	loaded *Loaded
	rows   []*loadRow
	// fields finds the field of a column by "Object.column" in lower case.
	fields map[string]*field
	// customs are the fields to be made, by the same key.
	customs map[string]*customColumn
	// ids finds a record's id in the org by its id in the files.
	ids map[string]string
	// references finds it by its referenceId in a tree.
	references map[string]string
	// shared finds the fields of the rows of a CSV file by the place of their
	// columns.
	shared map[*string][]*field
	// placeholders are the ids of Users that have to be made.
	placeholders map[string]bool
}

func newLoader(t *tx, loaded *Loaded) *loader {
	return &loader{
		tx:           t,
		loaded:       loaded,
		fields:       map[string]*field{},
		customs:      map[string]*customColumn{},
		ids:          map[string]string{},
		references:   map[string]string{},
		shared:       map[*string][]*field{},
		placeholders: map[string]bool{},
	}
}

func (l *loader) load(files []loadFile) error {
	for _, file := range files {
		rows, err := l.read(file)
		if err != nil {
			return err
		}
		l.rows = append(l.rows, rows...)
	}
	if err := l.prepare(); err != nil {
		return err
	}
	l.makeCustomFields()
	err := l.insert()
	if err != nil {
		l.unmakeCustomFields()
	}
	return err
}

// prepare understands every row. Each step needs the one before of all rows.
func (l *loader) prepare() error {
	for i, step := range []func(*loadRow) error{l.matchColumns, l.allotID} {
		if i == 1 {
			l.settleCustomFields()
		}
		var problems loadProblems
		for _, row := range l.rows {
			if err := step(row); err != nil {
				problems.add(err)
			}
		}
		if err := problems.err(); err != nil {
			return err
		}
	}
	return l.check()
}

// check reads every value for the first time. Missing ones are told once all
// that are there can be read.
func (l *loader) check() error {
	var unreadable, missing loadProblems
	for _, row := range l.rows {
		values, err := l.convert(row)
		if err != nil {
			unreadable.add(err)
		} else if err := l.complete(row, values); err != nil {
			missing.add(err)
		}
	}
	return cmp.Or(unreadable.err(), missing.err())
}

// loadOrder inserts owners before what they own and parents before children.
var loadOrder = []string{"User", "Account", "Contact", "Lead", "Opportunity"}

func (l *loader) insert() error {
	if err := l.insertPlaceholders(); err != nil {
		return err
	}
	for _, name := range loadOrder {
		if err := l.insertWhere(func(r *loadRow) bool { return r.object.Name == name }); err != nil {
			return err
		}
	}
	return l.insertWhere(func(*loadRow) bool { return true })
}

// insertWhere inserts some of the rows and forgets them: what they held is in
// the org now.
func (l *loader) insertWhere(wanted func(*loadRow) bool) error {
	for i, row := range l.rows {
		if row == nil || !wanted(row) {
			continue
		}
		l.rows[i] = nil
		values, err := l.convert(row)
		if err == nil {
			err = l.complete(row, values)
		}
		if err != nil {
			return err
		}
		values["Id"] = row.id
		if refused := l.tx.place(row.object, values); refused != nil {
			return row.errorf("%w", refused)
		}
		l.loaded.Records[row.object.Name]++
	}
	return nil
}
