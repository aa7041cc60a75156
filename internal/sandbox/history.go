package sandbox

import "time"

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
// characters are accepted; an unknown record has no history.
func (o *Org) History(id string) []Change {
	defer o.view()()
	obj, row, err := o.locateSeen(id)
	if err != nil {
		return nil
	}
	later := o.history[row.ID]
	first := map[string]any{}
	for _, f := range obj.fields {
		first[f.Name] = f.shown(f.value(&row))
	}
	for i := len(later) - 1; i >= 0; i-- {
		first[later[i].Field] = later[i].Before
	}
	return append(creation(obj, row.ID, first), later...)
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
