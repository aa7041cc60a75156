package sandbox

import (
	"net/http"
)

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
