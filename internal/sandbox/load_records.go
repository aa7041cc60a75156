package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// allotID gives a row its id in the org: its own if it is one, else a new one
// under which others find it by the old.
func (l *loader) allotID(row *loadRow) error {
	if row.reference != "" {
		if _, twice := l.references[row.reference]; twice {
			return row.errorf("the referenceId %s is there twice", row.reference)
		}
	}
	given := row.givenID()
	if _, twice := l.ids[given]; twice && given != "" {
		return row.errorf("the Id %s is there twice", given)
	}
	if long, ok := normaliseID(given); ok && strings.HasPrefix(long, row.object.KeyPrefix) {
		if l.holds(long) {
			return row.errorf("the org has a record %s already", long)
		}
		row.id = long
	} else {
		row.id = l.tx.org.newID(row.object)
	}
	if given != "" {
		l.ids[given] = row.id
	}
	if row.reference != "" {
		l.references[row.reference] = row.id
	}
	return nil
}

// givenID is the row's id in the files, in its long form if it is one.
func (r *loadRow) givenID() string {
	cells := r.read()
	for i, column := range r.columns {
		if strings.EqualFold(column, "Id") {
			return idKey(cellText(cells[i]))
		}
	}
	return ""
}

// idKey makes the short and the long form of an id one.
func idKey(text string) string {
	if long, ok := normaliseID(text); ok {
		return long
	}
	return text
}

// resolve finds the record that a reference means.
func (l *loader) resolve(f *field, text string) (any, error) {
	id, err := l.referred(f, text)
	if err != nil {
		return nil, err
	}
	target, known := l.tx.org.objectOf(id)
	if known && !f.refersTo(target.Name) {
		return nil, fmt.Errorf("%s is a %s, not a %s", text, target.Name, strings.Join(f.ReferenceTo, " or "))
	}
	return id, nil
}

func (l *loader) referred(f *field, text string) (string, error) {
	if reference, ok := strings.CutPrefix(text, "@"); ok {
		if id := l.references[reference]; id != "" {
			return id, nil
		}
		return "", fmt.Errorf("no record has the referenceId %s", reference)
	}
	if id := l.ids[idKey(text)]; id != "" {
		return id, nil
	}
	id, ok := normaliseID(text)
	if !ok {
		return "", fmt.Errorf("%q is neither an id nor the Id of a record in the files", text)
	}
	if l.holds(id) {
		return id, nil
	}
	target, known := l.tx.org.objectOf(id)
	switch {
	case !known: // of an object that this org does not have, such as Case
		return id, nil
	case target.Name == "User" && f.refersTo("User"):
		l.placeholders[id] = true
		return id, nil
	}
	return "", fmt.Errorf("there is no %s %s, neither in the org nor in the files", target.Name, id)
}

// complete refuses a row without the values that no record lacks. Users are
// completed instead: an export of them rarely holds every setting.
func (l *loader) complete(row *loadRow, values map[string]any) error {
	if row.object.Name == "User" {
		completeUser(row.id, values)
		return nil
	}
	for _, f := range row.object.fields {
		if f.required() && values[f.Name] == nil {
			return row.errorf("%s: a %s needs one", f.Name, row.object.Name)
		}
	}
	return nil
}

// insertPlaceholders makes inactive Users for the ids that owners, creators and
// the like name, so that every such reference has something to point at.
func (l *loader) insertPlaceholders() error {
	for _, id := range slices.Sorted(maps.Keys(l.placeholders)) {
		values := map[string]any{"Id": id, "IsActive": false}
		completeUser(id, values)
		if err := l.tx.place(l.tx.org.standard("User"), values); err != nil {
			return fmt.Errorf("make a User %s: %w", id, err)
		}
	}
	l.loaded.PlaceholderUsers = len(l.placeholders)
	return nil
}

// holds says whether the org has a record, deleted or not.
func (l *loader) holds(id string) bool {
	_, _, err := l.tx.org.locate(id)
	return err == nil
}

// completeUser fills in what a User cannot be without.
func completeUser(id string, values map[string]any) {
	address := strings.ToLower(id) + "@loaded.sandbox.test"
	defaults := map[string]any{
		"Username": address, "Email": address, "LastName": "User " + id,
		"Alias": id[len(id)-8:], "CommunityNickname": id, "UserType": "Standard", "IsActive": true,
		"TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8",
	}
	for field, value := range defaults {
		if values[field] == nil {
			values[field] = value
		}
	}
}
