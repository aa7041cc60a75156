package sandbox

import (
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// checkClauses refuses the clauses that an org has nothing for, or that are for
// code inside Salesforce only. The rights of the user hold in every query, so
// WITH SECURITY_ENFORCED and USER_MODE ask for what is so anyway; a lock by FOR
// UPDATE ends with the request that took it.
func (n *names) checkClauses() *Error {
	q := n.query
	switch {
	case q.AllRows != nil:
		return refusal("MALFORMED_QUERY", "ALL ROWS not allowed in this context")
	case len(q.Lookup) > 0:
		return n.checkLookup()
	case len(q.Update) > 0:
		return n.malformed(q.Update[0].Pos, "UPDATE %s is only allowed on articles", q.Update[0].Text)
	}
	for _, w := range q.With {
		if w.Kind != "SECURITY_ENFORCED" && w.Kind != "USER_MODE" {
			return n.malformed(w.Pos, "%s not allowed in this context", w.Kind)
		}
	}
	if n.above != nil && len(q.For) > 0 {
		return n.malformed(q.For[0].Pos, "FOR %s not allowed in a sub-query", q.For[0].Text)
	}
	for _, join := range q.Joins {
		if join.Alias == "" {
			return n.malformed(join.Path.Pos(), "A driving SObject type has already been set, all other entity types in the FROM clause must be relationships to the initial object.  The driving object is %s.", n.object.Name)
		}
	}
	return nil
}

func (n *names) checkLookup() *Error {
	name := n.query.Lookup[0]
	if _, ok := n.rights.object(name.Text); !ok {
		return n.noType(name)
	}
	return n.malformed(name.Pos, "USING LOOKUP not allowed in this context")
}

// scopeFilter leaves the records that belong to some users.
type scopeFilter struct {
	test func(org *Org, obj *object, row *table.Row) bool
}

func (f scopeFilter) matches(q *plan, row *table.Row) bool { return f.test(q.org, q.object, row) }

func (scopeFilter) reach() reach { return everywhere }

func (scopeFilter) rows(*plan) ([]*table.Row, bool) { return nil, false }

// scope resolves USING SCOPE; nil leaves everything. The org has no territories,
// so nothing is in one of them.
func (n *names) scope() (filter, *Error) {
	owned := func(by ...string) filter {
		return scopeFilter{func(org *Org, obj *object, row *table.Row) bool {
			return slices.Contains(by, org.ownerOf(obj, row))
		}}
	}
	switch strings.ToLower(n.query.Scope.Text) {
	case "", "everything":
		return nil, nil
	case "mine":
		return owned(n.user), nil
	case "mine_and_my_groups", "mineandmygroups":
		return owned(append(n.org.groupsOf(n.user), n.user)...), nil
	case "team":
		return owned(n.org.teamOf(n.user)...), nil
	case "delegated":
		return scopeFilter{func(org *Org, obj *object, row *table.Row) bool {
			creator, _ := obj.field("CreatedById")
			return creator != nil && org.read(obj, creator, row) == n.user && org.ownerOf(obj, row) != n.user
		}}, nil
	case "my_territory", "my_team_territory":
		return owned(), nil
	}
	return nil, n.malformed(n.query.Scope.Pos, "invalid scope: %s", n.query.Scope.Text)
}

// ownerOf is who a record belongs to; a user belongs to itself.
func (o *Org) ownerOf(obj *object, row *table.Row) string {
	if obj.Name == "User" {
		return row.ID
	}
	owner, ok := obj.field("OwnerId")
	if !ok {
		return ""
	}
	id, _ := o.read(obj, owner, row).(string)
	return id
}

// teamOf is a user and all users below.
func (o *Org) teamOf(user string) []string {
	team := []string{user}
	for i := 0; i < len(team); i++ {
		for _, id := range o.referring("User", "ManagerId", team[i], "Id") {
			if !slices.Contains(team, id) {
				team = append(team, id)
			}
		}
	}
	return team
}

// groupsOf lists the groups that a user is a member of.
func (o *Org) groupsOf(user string) []string {
	return o.referring("GroupMember", "UserOrGroupId", user, "GroupId")
}

// referring lists a field of the live records whose lookup holds an id; none when
// the org does not have such an object or field.
func (o *Org) referring(object, lookup, id, wanted string) []string {
	obj, ok := o.object(object)
	if !ok {
		return nil
	}
	from, hasFrom := obj.field(lookup)
	what, hasWhat := obj.field(wanted)
	if !hasFrom || !hasWhat {
		return nil
	}
	var found []string
	for row := range obj.equal(from, id) {
		if s, ok := o.read(obj, what, row).(string); ok && !row.Deleted {
			found = append(found, s)
		}
	}
	return found
}
