package sandbox

import (
	"net/http"
	"slices"
)

// adminEndpoints are the paths below /__sandbox. They need no session: the
// sandbox is a tool for the machine it runs on.
var adminEndpoints = []endpoint{
	{"GET", "clock", "", "", (*call).adminClock},
	{"POST", "clock", "", "", (*call).adminSetClock},
	{"POST", "records/{object}", "", "as", (*call).adminInsert},
	{"GET", "records/{id}", "", "", (*call).adminGet},
	{"PATCH", "records/{id}", "", "as", (*call).adminUpdate},
	{"DELETE", "records/{id}", "", "as", (*call).adminDelete},
	{"POST", "records/{id}/undelete", "", "as", (*call).adminUndelete},
	{"GET", "records/{id}/history", "", "", (*call).adminHistory},
	{"POST", "users", "", "", (*call).adminAddUser},
	{"PATCH", "users/{user}", "", "", (*call).adminChangeUser},
	{"POST", "permissions/{name}", "", "", (*call).adminPermit},
	{"PATCH", "sharing/{object}", "", "", (*call).adminSharing},
	{"POST", "shares", "", "", (*call).adminShare},
	{"GET", "faults", "", "", (*call).adminFaults},
	{"POST", "faults", "", "", (*call).adminFault},
	{"DELETE", "faults", "", "", (*call).adminClearFaults},
	{"GET", "faults/{id}", "", "", (*call).adminFaultByID},
	{"DELETE", "faults/{id}", "", "", (*call).adminDisarm},
	{"GET", "commits", "", "", (*call).adminCommits},
	{"POST", "commits/{id}", "", "", (*call).adminCommit},
	{"DELETE", "commits/{id}", "", "", (*call).adminRollBack},
	{"GET", "visibility", "", "", (*call).adminVisibility},
	{"POST", "visibility", "", "", (*call).adminSetVisibility},
	{"GET", "snapshots", "", "", (*call).adminSnapshots},
	{"POST", "snapshots", "", "", (*call).adminSnapshot},
	{"POST", "snapshots/{name}/restore", "", "", (*call).adminRestore},
	{"DELETE", "snapshots/{name}", "", "", (*call).adminDropSnapshot},
	{"GET", "locks", "", "", (*call).adminLocks},
	{"POST", "locks", "", "", (*call).adminLock},
	{"DELETE", "locks/{id}", "", "", (*call).adminUnlock},
	{"POST", "assignmentRules", "", "", (*call).adminAssignmentRule},
	{"DELETE", "assignmentRules/{object}/{name}", "", "", (*call).adminRemoveAssignmentRule},
	{"POST", "triggers", "", "", (*call).adminTrigger},
	{"DELETE", "triggers/{object}/{name}", "", "", (*call).adminRemoveTrigger},
	{"POST", "duplicateRules", "", "", (*call).adminDuplicateRules},
	{"POST", "fields/{object}", "", "", (*call).adminAddField},
	{"PATCH", "fields/{object}/{field}", "", "", (*call).adminHideField},
	{"DELETE", "fields/{object}/{field}", "", "", (*call).adminRemoveField},
	{"POST", "objects", "", "", (*call).adminAddObject},
	{"DELETE", "objects/{object}", "", "", (*call).adminRemoveObject},
	{"GET", "validationRules", "", "", (*call).adminValidationRules},
	{"POST", "validationRules", "", "", (*call).adminAddValidationRule},
	{"DELETE", "validationRules/{object}/{name}", "", "", (*call).adminRemoveValidationRule},
	{"GET", "history", "", "since object record limit", (*call).adminLog},
	{"GET", "requests", "", "operation object method status since client limit", (*call).adminRequests},
	{"DELETE", "requests", "", "", (*call).adminResetRequests},
	{"GET", "apps", "", "", (*call).adminApps},
	{"POST", "apps", "", "", (*call).adminRegisterApp},
	{"DELETE", "apps/{app}", "", "", (*call).adminRemoveApp},
	{"GET", "jwt-key", "", "", (*call).adminJWTKey},
	{"GET", "oauth", "", "", (*call).adminOAuth},
	{"PATCH", "oauth", "", "", (*call).adminSetOAuth},
	{"POST", "sessions/expire", "", "", (*call).adminExpire},
	{"POST", "tokens/revoke", "", "", (*call).adminRevoke},
}

// admin serves the page at /, the pages of records and the admin API.
func (c *call) admin() *Error {
	if len(c.segments) == 0 {
		return c.homePage()
	}
	if len(c.segments) > 1 && c.segments[0] == "lightning" && c.segments[1] == "r" {
		return c.recordPage()
	}
	handle, err := c.match(slices.Concat(adminEndpoints, lifeEndpoints), c.segments[1:])
	if err != nil {
		return err
	}
	return handle(c)
}

// adminError gives an org's error the shape of an answer.
func adminError(err error) *Error {
	if err == nil {
		return nil
	}
	if refused := asError(err); refused != nil {
		return refused
	}
	return refusal("UNKNOWN_EXCEPTION", err.Error())
}

// as is the user on whose behalf something is done: the sales user unless the
// request names another, so that it is not the connected user.
func (c *call) as() (Actor, *Error) {
	name := c.request.URL.Query().Get("as")
	if name == "" {
		name = SalesUser
	}
	actor := c.org.User(name)
	if actor.id == "" {
		return actor, refusal("INVALID_CROSS_REFERENCE_KEY", "the org has no user "+name)
	}
	return actor, nil
}

func (c *call) adminInsert() *Error {
	fields, refused := c.fieldsOf()
	if refused != nil {
		return refused
	}
	as, refused := c.as()
	if refused != nil {
		return refused
	}
	id, err := c.org.Insert(as, c.params["object"], fields)
	if err != nil {
		return adminError(err)
	}
	return c.json(http.StatusCreated, map[string]string{"id": id})
}

func (c *call) adminGet() *Error {
	fields, ok := c.org.Get(c.params["id"])
	if !ok {
		return notFound()
	}
	return c.json(http.StatusOK, fields)
}

// change runs a change of records on behalf of a user and answers with nothing.
func (c *call) change(fn func(Actor) error) *Error {
	as, refused := c.as()
	if refused != nil {
		return refused
	}
	if err := fn(as); err != nil {
		return adminError(err)
	}
	return c.noContent(http.StatusNoContent)
}

func (c *call) adminUpdate() *Error {
	fields, err := c.fieldsOf()
	if err != nil {
		return err
	}
	return c.change(func(as Actor) error { return c.org.Update(as, c.params["id"], fields) })
}

func (c *call) adminDelete() *Error {
	return c.change(func(as Actor) error { return c.org.Delete(as, c.params["id"]) })
}

func (c *call) adminUndelete() *Error {
	return c.change(func(as Actor) error { return c.org.Undelete(as, c.params["id"]) })
}

// done answers a request that changed the org itself.
func (c *call) done(err error) *Error {
	if err != nil {
		return adminError(err)
	}
	return c.noContent(http.StatusNoContent)
}

func (c *call) adminClearFaults() *Error { c.org.ClearFaults(); return c.done(nil) }
func (c *call) adminExpire() *Error      { c.org.ExpireSessions(); return c.done(nil) }
func (c *call) adminRevoke() *Error      { c.org.RevokeTokens(); return c.done(nil) }
