package sandbox

import (
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
			return outcome{}, obj.cannot("create")
		}
		if items[i].id != "" {
			return outcome{}, refusal("INVALID_FIELD", "cannot specify Id in an insert call", "Id")
		}
		id, err := t.insert(obj, items[i].fields, creating)
		return done(id), err
	})
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
			return outcome{}, obj.cannot("update")
		}
		return done(id), t.update(id, it.fields)
	})
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

func (c *call) collectionKey() (*object, *field, *Error) {
	defer c.view()()
	obj, err := c.objectOr404()
	if err != nil {
		return nil, nil, err
	}
	key, err := c.rights().key(obj, c.params["field"])
	return obj, key, err
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
