package sandbox

import (
	"cmp"
	"net/http"
	"strings"
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

func (c *call) adminAddUser() *Error {
	var sent struct {
		Username       string   `json:"username"`
		Email          string   `json:"email"`
		FirstName      string   `json:"firstName"`
		LastName       string   `json:"lastName"`
		Profile        string   `json:"profile"`
		Role           string   `json:"role"`
		PermissionSets []string `json:"permissionSets"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	user, err := c.org.AddUser(NewUser{sent.Username, sent.Email, sent.FirstName, sent.LastName, sent.Profile, sent.Role})
	if err != nil {
		return adminError(err)
	}
	for _, set := range sent.PermissionSets {
		if err := c.org.AssignPermissionSet(set, sent.Username); err != nil {
			return adminError(err)
		}
	}
	return c.json(http.StatusCreated, map[string]string{"id": user.ID()})
}

// adminChangeUser changes a user by name: whether he is active, and his profile.
func (c *call) adminChangeUser() *Error {
	var sent struct {
		Active  *bool  `json:"active"`
		Profile string `json:"profile"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.write(c.org.Admin(), func(t *tx) (err *Error) {
		row, ok := c.org.userNamed(c.params["user"])
		if !ok {
			return notFound()
		}
		fields := map[string]any{}
		if sent.Active != nil {
			fields["IsActive"] = *sent.Active
		}
		if sent.Profile != "" {
			if fields["ProfileId"], err = t.named("Profile", sent.Profile); err != nil {
				return err
			}
		}
		return t.update(row.ID, fields)
	}))
}

// adminPermit changes what a profile or a permission set grants, and who has it.
func (c *call) adminPermit() *Error {
	var sent struct {
		Objects map[string][]string `json:"objects"`
		Fields  map[string]string   `json:"fields"`
		System  map[string]bool     `json:"system"`
		Users   []string            `json:"users"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if err := c.org.Permit(c.params["name"], Permissions{sent.Objects, sent.Fields, sent.System}); err != nil {
		return adminError(err)
	}
	return c.done(c.org.AssignPermissionSet(c.params["name"], sent.Users...))
}

// adminSharing sets an object's organisation-wide default.
func (c *call) adminSharing() *Error {
	var sent struct {
		Default Sharing `json:"default"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.SetSharing(c.params["object"], sent.Default))
}

// adminShare gives a user or a group access to one record.
func (c *call) adminShare() *Error {
	var sent struct {
		Record string `json:"record"`
		With   string `json:"with"`
		Edit   bool   `json:"edit"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.Share(sent.Record, sent.With, sent.Edit))
}
