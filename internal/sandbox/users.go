package sandbox

import (
	"cmp"
	"fmt"
	"strings"

	"conversion/internal/sandbox/table"
)

// NewUser describes a user to be made; what is left out follows from the
// username.
type NewUser struct {
	Username  string // of the form of an e-mail address
	Email     string
	FirstName string
	LastName  string
	Profile   string // by name; Standard User when empty
	Role      string // the name of a UserRole, none when empty
}

// AddUser makes an active user, who logs in with AdminPassword.
func (o *Org) AddUser(u NewUser) (Actor, error) {
	local, _, _ := strings.Cut(u.Username, "@")
	fields := map[string]any{
		"Username": u.Username, "Email": cmp.Or(u.Email, u.Username), "FirstName": nilIfEmpty(u.FirstName), "LastName": cmp.Or(u.LastName, local),
		"Alias": local[:min(len(local), 8)], "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
		"EmailEncodingKey": "UTF-8", "IsActive": true,
	}
	var id string
	err := o.write(o.Admin(), func(t *tx) (err *Error) {
		if fields["ProfileId"], err = t.named("Profile", cmp.Or(u.Profile, standardProfile)); err != nil {
			return err
		}
		if u.Role != "" {
			if fields["UserRoleId"], err = t.named("UserRole", u.Role); err != nil {
				return err
			}
		}
		id, err = t.insert(o.standard("User"), fields, creating)
		return err
	})
	return Actor{id: id}, err
}

// named finds the record of an object that has a name.
func (t *tx) named(object, name string) (string, *Error) {
	obj, ok := t.org.object(object)
	if !ok {
		return "", unknownObject(object)
	}
	if row, found := obj.called(name); found {
		return row.ID, nil
	}
	return "", refusal("INVALID_CROSS_REFERENCE_KEY", "the org has no "+obj.Label+" "+name)
}

// userRules checks what users have that other records have not: a name to log in
// with that is nobody else's, and a profile.
func (t *tx) userRules(d *draft) *Error {
	if d.text("CommunityNickname") == "" {
		name, _, _ := strings.Cut(d.text("Username"), "@")
		d.set("CommunityNickname", nilIfEmpty(t.freeNickname(name, d)))
	}
	d.set("UserType", "Standard")
	if d.changed("Username") {
		if !emailPattern.MatchString(d.text("Username")) {
			return refusal("INVALID_EMAIL_ADDRESS", "Username: invalid email address: "+d.text("Username"), "Username")
		}
		if other, ok := t.org.userNamed(d.text("Username")); ok && other.ID != d.id {
			return refusal("DUPLICATE_USERNAME", "Duplicate Username.The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address).", "Username")
		}
	}
	if !d.isNew() && d.changed("IsActive") && !d.flag("IsActive") && d.id == t.user && !t.rights.unlimited {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "You cannot deactivate your own user.", "IsActive")
	}
	return nil
}

// profileByDefault gives an imported user a profile; in Salesforce itself every
// new user is given one.
func (t *tx) profileByDefault(d *draft) {
	if d.object.Name == "User" && d.access == importing && d.get("ProfileId") == nil {
		d.set("ProfileId", t.org.profileNamed(standardProfile))
	}
}

// freeNickname is a nickname that no other user has. An import takes it as it
// comes: it may bring many users.
func (t *tx) freeNickname(name string, d *draft) string {
	nickname := name[:min(len(name), 40)]
	for i := 1; d.access != importing && t.nicknameTaken(nickname, d.id); i++ {
		suffix := fmt.Sprint(i)
		nickname = name[:min(len(name), 40-len(suffix))] + suffix
	}
	return nickname
}

func (t *tx) nicknameTaken(nickname, by string) bool {
	users := t.org.standard("User")
	for row := range users.latest(users.must("CommunityNickname"), nickname) {
		if row.ID != by {
			return true
		}
	}
	return false
}

// userSaved gives a user the permissions of the profile, and ends the sessions of
// one who is no longer active.
func (t *tx) userSaved(d *draft) *Error {
	if !d.isNew() && d.changed("IsActive") && !d.flag("IsActive") {
		t.onCommit(func() { t.org.sessions.endAll(d.id) })
	}
	if !d.changed("ProfileId") {
		return nil
	}
	assignments, sets := t.org.standard("PermissionSetAssignment"), t.org.standard("PermissionSet")
	for _, row := range assignments.referring("AssigneeId", d.id) {
		set, ok := sets.rows.Find(row.Text(mustColumn(assignments, "PermissionSetId")))
		if ok && set.Get(mustColumn(sets, "IsOwnedByProfile")) == true {
			t.drop(assignments, row)
		}
	}
	set, ok := t.org.setOfProfile(d.text("ProfileId"))
	if !ok {
		return nil
	}
	_, err := t.insert(assignments, map[string]any{"AssigneeId": d.id, "PermissionSetId": set}, importing)
	return err
}

// userNamed finds a user by name in any case. The caller holds the lock.
func (o *Org) userNamed(username string) (*table.Row, bool) {
	users := o.standard("User")
	for row := range users.latest(users.must("Username"), username) {
		return row, true
	}
	return nil, false
}

// profileNamed is the id of a profile, "" without one of that name.
func (o *Org) profileNamed(name string) string {
	if row, ok := o.standard("Profile").called(name); ok {
		return row.ID
	}
	return ""
}

// called finds a record of one of the org's few furnishings by its name, in any
// case.
func (o *object) called(name string) (*table.Row, bool) {
	column := mustColumn(o, "Name")
	for row := range o.rows.ByID().All() {
		if strings.EqualFold(row.Text(column), name) {
			return row, true
		}
	}
	return nil, false
}

// setOfProfile is the permission set that keeps what a profile permits.
func (o *Org) setOfProfile(profile string) (string, bool) {
	sets := o.standard("PermissionSet")
	for row := range sets.latest(sets.must("ProfileId"), profile) {
		return row.ID, true
	}
	return "", false
}
