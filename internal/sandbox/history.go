package sandbox

import (
	"strings"
	"time"
)

// Change is one change of one field, as it really happened: the org's truth, to
// which whatever a client concluded can be compared. Values are in the form of
// the REST API.
type Change struct {
	Record, Field string
	Before, After any
	At            time.Time // whole second of the virtual clock
	By            string    // user id
}

// bookkeeping names the fields that are no change of their own.
var bookkeeping = map[string]bool{
	"SystemModstamp": true, "LastModifiedDate": true, "LastModifiedById": true,
	"CreatedDate": true, "CreatedById": true, "LastActivityDate": true, "Id": true,
}

// History lists all changes of a record, oldest first. Creation shows as a
// change from null of every field that had a value then. Ids of 15 and 18
// characters are accepted; an unknown record has no history. What the commit log
// has forgotten counts as if the record had been created so.
func (o *Org) History(id string) []Change {
	defer o.view()()
	obj, row, err := o.locateSeen(id)
	if err != nil {
		return nil
	}
	known := o.log.byRecord[row.ID]
	if len(known) > 0 {
		if row = known[0].before; row.ID == "" {
			row, known = known[0].after, known[1:]
		}
	}
	first := map[string]any{}
	for _, f := range obj.fields {
		first[f.Name] = f.shown(f.value(&row))
	}
	changes := creation(obj, row.ID, first)
	for _, c := range known {
		for _, f := range c.fields() {
			changes = append(changes, Change{Record: c.id, Field: f.Field, Before: f.Before, After: f.After, At: time.Unix(c.saved, 0).UTC(), By: c.by})
		}
	}
	return changes
}

func creation(obj *object, id string, first map[string]any) []Change {
	var changes []Change
	by, _ := first["CreatedById"].(string)
	created, _ := first["CreatedDate"].(string)
	at, _ := parseDateTime(created)
	for _, f := range obj.fields {
		if v := first[f.Name]; v != nil && v != false && !bookkeeping[f.Name] {
			changes = append(changes, Change{Record: id, Field: f.Name, After: v, At: at, By: by})
		}
	}
	return changes
}

func (f LogFilter) selects(c *change) bool {
	return (f.Object == "" || strings.EqualFold(f.Object, c.object.Name)) &&
		(f.Record == "" || f.Record == c.id) && !c.committed.Before(f.From)
}
