package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	maxCollection = 200
	maxChunks     = 10
)

// collection is the body of a collections write.
type collection struct {
	AllOrNone bool             `json:"allOrNone"`
	Records   []map[string]any `json:"records"`
}

// outcome is what became of one record.
type outcome struct {
	ID      string        `json:"id,omitempty"`
	Success bool          `json:"success"`
	Errors  []recordError `json:"errors"`
	Created *bool         `json:"created,omitempty"`
}

type recordError struct {
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
}

func failed(err *Error) outcome {
	var errs []recordError
	for _, one := range err.all() {
		errs = append(errs, recordError{one.Code, one.Message, append([]string{}, one.Fields...)})
	}
	return outcome{Errors: errs}
}

// item is one record of a collection on its way in.
type item struct {
	object string
	id     string
	fields map[string]any
	bad    *Error // what is wrong with how it is given
}

func (c *call) readCollection() (collection, []item, *Error) {
	var sent collection
	if err := c.decode(&sent); err != nil {
		return sent, nil, err
	}
	c.records = len(sent.Records)
	if err := checkCount(len(sent.Records)); err != nil {
		return sent, nil, err
	}
	items, types := make([]item, len(sent.Records)), make([]string, len(sent.Records))
	for i, record := range sent.Records {
		items[i] = itemOf(record)
		types[i] = strings.ToLower(items[i].object)
	}
	return sent, items, checkChunks(types)
}

// checkChunks refuses a list of records whose type changes too often.
func checkChunks(types []string) *Error {
	if len(slices.Compact(types)) > maxChunks {
		return refusal("LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking.")
	}
	return nil
}

func checkCount(n int) *Error {
	switch {
	case n == 0:
		return refusal("REQUIRED_FIELD_MISSING", "At least 1 record is required")
	case n > maxCollection:
		return refusal("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call")
	}
	return nil
}

func itemOf(record map[string]any) item {
	it := item{fields: map[string]any{}, bad: sameFieldTwice(record)}
	for name, v := range record {
		switch {
		case name == "attributes":
			attributes, _ := v.(map[string]any)
			it.object, _ = attributes["type"].(string)
		case strings.EqualFold(name, "id"):
			if v != nil {
				it.id = fmt.Sprint(v)
			}
		default:
			it.fields[name] = v
		}
	}
	return it
}

// saveAll writes records in one transaction, each on its own unless allOrNone
// asks for all.
func (c *call) saveAll(n int, allOrNone bool, save func(t *tx, i int) (outcome, *Error)) *Error {
	var results []outcome
	err := c.write(func(t *tx) *Error {
		results = t.saveEach(n, c.fault, save)
		if allOrNone || c.atomic {
			return rollBackIfAnyFailed(results, c.operation == "create" || c.operation == "upsert")
		}
		return nil
	})
	switch {
	case err == errRolledBack && c.atomic:
		return c.json(http.StatusBadRequest, results)
	case err != nil && err != errRolledBack:
		return err
	}
	for _, r := range results {
		if r.Success {
			c.used(r.ID)
		}
	}
	return c.json(http.StatusOK, results)
}

func (t *tx) saveEach(n int, fault *Fault, save func(t *tx, i int) (outcome, *Error)) []outcome {
	results := make([]outcome, n)
	for i := range n {
		err := t.attempt(func() (err *Error) {
			if err = fault.record(i); err == nil {
				results[i], err = save(t, i)
			}
			return err
		})
		if err != nil {
			results[i] = failed(err)
		}
	}
	return results
}

// errRolledBack takes a transaction back without being an answer.
var errRolledBack = refusal("ALL_OR_NONE_OPERATION_ROLLED_BACK",
	"Record rolled back because not all records were valid and the request was using AllOrNone header")

// rollBackIfAnyFailed rewrites the outcomes of records that are taken back because
// of others. Those that may be new have no ids then.
func rollBackIfAnyFailed(results []outcome, anew bool) *Error {
	bad := false
	for _, r := range results {
		bad = bad || !r.Success
	}
	if !bad {
		return nil
	}
	for i, r := range results {
		if !r.Success {
			continue
		}
		results[i] = failed(errRolledBack)
		if !anew {
			results[i].ID = r.ID
		}
	}
	return errRolledBack
}

func done(id string) outcome { return outcome{ID: id, Success: true, Errors: []recordError{}} }

func (c *call) createCollection() *Error {
	sent, items, err := c.readCollection()
	if err != nil {
		return err
	}
	return c.saveAll(len(items), sent.AllOrNone, func(t *tx, i int) (outcome, *Error) {
		if items[i].bad != nil {
			return outcome{}, items[i].bad
		}
		obj, err := t.kind(items[i].object)
		if err != nil {
			return outcome{}, err
		}
		if !obj.Createable {
			return outcome{}, refusal("INVALID_TYPE_FOR_OPERATION", "entity type "+obj.Name+" does not support create")
		}
		if items[i].id != "" {
			return outcome{}, refusal("INVALID_FIELD", "cannot specify Id in an insert call", "Id")
		}
		id, err := t.insert(obj, items[i].fields, creating)
		return done(id), err
	})
}

// kind finds the object that a record says it is of.
func (t *tx) kind(name string) (*object, *Error) {
	if name == "" {
		return nil, refusal("INVALID_TYPE", "The type of the record is missing: attributes.type")
	}
	obj, ok := t.org.object(name)
	if !ok {
		return nil, unknownObject(name)
	}
	return obj, nil
}

func (c *call) updateCollection() *Error {
	sent, items, err := c.readCollection()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	return c.saveAll(len(items), sent.AllOrNone, func(t *tx, i int) (outcome, *Error) {
		it := items[i]
		if it.bad != nil {
			return outcome{}, it.bad
		}
		if it.id == "" {
			return outcome{}, refusal("MISSING_ARGUMENT", "Id not specified in an update call")
		}
		obj, err := t.kind(it.object)
		if err != nil {
			return outcome{}, err
		}
		id, err := t.recordOf(obj, it.id)
		if err != nil {
			return outcome{}, err
		}
		if seen[id] {
			return outcome{}, refusal("DUPLICATE_VALUE", "duplicate id specified: "+id, "Id")
		}
		seen[id] = true
		if !obj.Updateable {
			return outcome{}, refusal("INVALID_TYPE_FOR_OPERATION", "entity type "+obj.Name+" does not support update")
		}
		return done(id), t.update(id, it.fields)
	})
}

// recordOf finds a record of an object for a collection, where a missing one is
// an invalid reference rather than a path that does not exist.
func (t *tx) recordOf(obj *object, given string) (string, *Error) {
	id, ok := normaliseID(given)
	if !ok || !strings.HasPrefix(id, obj.KeyPrefix) {
		return "", malformedID(obj.Name+" ID", given, "Id")
	}
	if err := t.lockedByOthers(id); err != nil {
		return "", err
	}
	row, ok := obj.rows.Find(id)
	switch {
	case !ok:
		return "", refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case !t.rights.seesRow(obj, row):
		return "", refusal("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", crossReference)
	case row.Deleted:
		return "", entityDeleted()
	}
	return id, nil
}

func (c *call) upsertCollection() *Error {
	sent, items, err := c.readCollection()
	if err != nil {
		return err
	}
	obj, key, err := c.collectionKey()
	if err != nil {
		return err
	}
	given := map[string]bool{}
	return c.saveAll(len(items), sent.AllOrNone, func(t *tx, i int) (outcome, *Error) {
		if items[i].bad != nil {
			return outcome{}, items[i].bad
		}
		if value := items[i].keyValue(key); value != "" {
			if given[value] {
				return outcome{}, refusal("DUPLICATE_VALUE", "Duplicate external id specified: "+value, key.Name)
			}
			given[value] = true
		}
		if items[i].object != "" && !strings.EqualFold(items[i].object, obj.Name) {
			return outcome{}, refusal("INVALID_TYPE", "all records of an upsert are of the object in its path")
		}
		id, created, err := t.upsert(obj, key, items[i])
		result := done(id)
		result.Created = &created
		return result, err
	})
}

// keyValue is the text of the key by which an upsert knows the record; texts that
// mean the same record are equal.
func (it item) keyValue(key *field) string {
	if key.column == columnID {
		return it.id
	}
	v := it.value(key)
	if v == nil {
		return ""
	}
	text := strings.TrimSpace(fmt.Sprint(v))
	if key.foldsCase() {
		return strings.ToLower(text)
	}
	return text
}

// value is what the record gives a field, by its name in any case.
func (it item) value(f *field) any {
	for name, v := range it.fields {
		if strings.EqualFold(name, f.Name) {
			return v
		}
	}
	return nil
}

func (c *call) collectionKey() (*object, *field, *Error) {
	defer c.view()()
	obj, err := c.objectOr404()
	if err != nil {
		return nil, nil, err
	}
	key, err := c.rights().key(obj, c.params["field"])
	return obj, key, err
}

// upsert creates or updates by the key's value inside the record.
func (t *tx) upsert(obj *object, key *field, it item) (id string, created bool, refused *Error) {
	if key.column == columnID {
		if it.id == "" {
			id, refused = t.insert(obj, it.fields, creating)
			return id, true, refused
		}
		if id, refused = t.recordOf(obj, it.id); refused != nil {
			return "", false, refused
		}
		return id, false, t.update(id, it.fields)
	}
	if it.id != "" {
		return "", false, refusal("INVALID_FIELD", "cannot specify Id in an upsert by another field", "Id")
	}
	value := it.value(key)
	if value == nil || value == "" {
		return "", false, refusal("MISSING_ARGUMENT", key.Name+" not specified", key.Name)
	}
	rows, refused := obj.matching(key, value)
	switch {
	case refused != nil:
		return "", false, refused
	case len(rows) > 1:
		return "", false, refusal("DUPLICATE_EXTERNAL_ID", fmt.Sprintf("%s: more than one record found for external id field: [%s]", key.Name, strings.Join(idsOf(rows), ", ")), key.Name)
	case len(rows) == 1:
		return rows[0].ID, false, t.update(rows[0].ID, it.fields)
	}
	id, refused = t.insert(obj, it.fields, creating)
	return id, true, refused
}

func (c *call) deleteCollection() *Error {
	ids := splitList(c.request.URL.Query().Get("ids"))
	c.records = len(ids)
	if err := checkCount(len(ids)); err != nil {
		return err
	}
	allOrNone, err := c.flag("allOrNone")
	if err != nil {
		return err
	}
	prefixes := make([]string, len(ids))
	for i, id := range ids {
		prefixes[i] = id[:min(len(id), 3)]
	}
	if err := checkChunks(prefixes); err != nil {
		return err
	}
	return c.saveAll(len(ids), allOrNone, func(t *tx, i int) (outcome, *Error) {
		id, ok := normaliseID(ids[i])
		obj, known := t.org.objectOf(id)
		if !ok || !known {
			return outcome{}, refusal("MALFORMED_ID", "malformed id "+ids[i])
		}
		id, err := t.recordOf(obj, id)
		if err != nil {
			return outcome{}, err
		}
		return done(id), t.delete(id)
	})
}

func splitList(list string) []string {
	var parts []string
	for _, s := range strings.Split(list, ",") {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	return parts
}
