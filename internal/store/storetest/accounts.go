package storetest

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

func testAccounts(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(t *testing.T, s *store.Store){
		"workspaces are listed oldest first":                      workspaces,
		"a member is found by e-mail and id, and only one has it": members,
		"a workspace keeps an admin":                              lastAdmin,
		"two admins cannot make each other the last":              adminsRace,
		"an API key is found by hash, used and revoked":           keys,
		"a set-up link makes one first member":                    setup,
		"a session is found until it ends or is deleted":          sessions,
		"the audit log is read newest first, page by page":        auditLog,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func workspaces(t *testing.T, s *store.Store) {
	first, second := conversion.Workspace{ID: "b", Name: "First", Created: 1}, conversion.Workspace{ID: "a", Name: "Second", Created: 2}
	ok(t, s.CreateWorkspace(t.Context(), second))
	ok(t, s.CreateWorkspace(t.Context(), first))
	same(t, must(s.Workspaces(t.Context()))(t), []conversion.Workspace{first, second})
	ok(t, s.Ping(t.Context()))
}

func member(id, email string, role conversion.Role) conversion.Member {
	return conversion.Member{ID: id, WorkspaceID: "w", Email: email, Name: "N", PasswordHash: "$argon2id$", Role: role, Created: begun}
}

func members(t *testing.T, s *store.Store) {
	ctx := t.Context()
	same(t, must(s.AnyMember(ctx))(t), false)
	b, a := member("1", "b@example.com", conversion.RoleAdmin), member("2", "a@example.com", conversion.RoleMember)
	ok(t, s.CreateMember(ctx, b))
	ok(t, s.CreateMember(ctx, a))
	refuses(t, s.CreateMember(ctx, member("3", "b@example.com", conversion.RoleMember)), conversion.CodeConflict)
	same(t, must(s.AnyMember(ctx))(t), true)
	same(t, must(s.MemberByEmail(ctx, "a@example.com"))(t), a)
	same(t, must(s.Member(ctx, "1"))(t), b)
	same(t, must(s.MembersOf(ctx, "w"))(t), []conversion.Member{a, b})
	same(t, len(must(s.MembersOf(ctx, "another"))(t)), 0)
	_, err := s.MemberByEmail(ctx, "c@example.com")
	refuses(t, err, conversion.CodeNotFound)
	_, err = s.Member(ctx, "3")
	refuses(t, err, conversion.CodeNotFound)
}

func lastAdmin(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ok(t, s.CreateWorkspace(ctx, conversion.Workspace{ID: "w"}))
	boss, other := member("1", "a@example.com", conversion.RoleAdmin), member("2", "b@example.com", conversion.RoleMember)
	ok(t, s.CreateMember(ctx, boss))
	ok(t, s.CreateMember(ctx, other))
	demoted := boss
	demoted.Role = conversion.RoleMember
	refuses(t, s.SaveMember(ctx, demoted), conversion.CodeConflict)
	refuses(t, s.DeleteMember(ctx, "w", "1"), conversion.CodeConflict)
	same(t, must(s.Member(ctx, "1"))(t), boss)

	other.Role, other.Name, other.PasswordHash = conversion.RoleAdmin, "Other", "$new"
	ok(t, s.SaveMember(ctx, other))
	same(t, must(s.Member(ctx, "2"))(t), other)
	refuses(t, s.DeleteMember(ctx, "another", "1"), conversion.CodeNotFound)
	ok(t, s.DeleteMember(ctx, "w", "1"))
	refuses(t, s.SaveMember(ctx, boss), conversion.CodeNotFound)
}

func adminsRace(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ok(t, s.CreateWorkspace(ctx, conversion.Workspace{ID: "w"}))
	ok(t, s.CreateMember(ctx, member("1", "a@example.com", conversion.RoleAdmin)))
	ok(t, s.CreateMember(ctx, member("2", "b@example.com", conversion.RoleAdmin)))
	errs := make(chan error, 2)
	for _, id := range []string{"1", "2"} {
		go func() { errs <- s.DeleteMember(ctx, "w", id) }()
	}
	first, second := <-errs, <-errs
	if (first == nil) == (second == nil) {
		t.Errorf("one of two deletions should be refused: %v, %v", first, second)
	}
	same(t, len(must(s.MembersOf(ctx, "w"))(t)), 1)
}

func keys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	old := conversion.APIKey{ID: "1", WorkspaceID: "w", Name: "CI", Prefix: "cv_1", Hash: []byte{1, 0}, Created: 1}
	young := conversion.APIKey{ID: "2", WorkspaceID: "w", Name: "ETL", Prefix: "cv_2", Hash: []byte{2, 0}, Created: 2}
	ok(t, s.CreateKey(ctx, old))
	ok(t, s.CreateKey(ctx, young))
	same(t, must(s.KeyByHash(ctx, []byte{2, 0}))(t), young)
	_, err := s.KeyByHash(ctx, []byte{3})
	refuses(t, err, conversion.CodeNotFound)

	ok(t, s.KeysUsed(ctx, map[string]conversion.Moment{"1": 50, "2": 60, "3": 70}))
	ok(t, s.KeysUsed(ctx, map[string]conversion.Moment{"1": 40}))
	ok(t, s.RevokeKey(ctx, "w", "1", 80))
	ok(t, s.RevokeKey(ctx, "w", "1", 90))
	refuses(t, s.RevokeKey(ctx, "another", "2", 90), conversion.CodeNotFound)
	refuses(t, s.RevokeKey(ctx, "w", "3", 90), conversion.CodeNotFound)
	old.LastUsed, old.Revoked, young.LastUsed = 50, 80, 60
	same(t, must(s.KeysOf(ctx, "w"))(t), []conversion.APIKey{young, old})
	same(t, len(must(s.KeysOf(ctx, "another"))(t)), 0)
}

func setup(t *testing.T, s *store.Store) {
	ctx := t.Context()
	replaced, link := conversion.SetupLink{Hash: []byte{1}, Expires: 10}, conversion.SetupLink{Hash: []byte{2}, Expires: 20}
	ok(t, s.SaveSetupLink(ctx, replaced))
	ok(t, s.SaveSetupLink(ctx, link))
	_, err := s.SetupLink(ctx, []byte{1})
	refuses(t, err, conversion.CodeNotFound)
	same(t, must(s.SetupLink(ctx, []byte{2}))(t), link)

	first := member("1", "a@example.com", conversion.RoleAdmin)
	refuses(t, s.CreateFirstMember(ctx, []byte{1}, first, 5), conversion.CodeConflict)
	same(t, must(s.AnyMember(ctx))(t), false)
	ok(t, s.CreateFirstMember(ctx, []byte{2}, first, 6))
	link.Used = 6
	same(t, must(s.SetupLink(ctx, []byte{2}))(t), link)
	refuses(t, s.CreateFirstMember(ctx, []byte{2}, member("2", "b@example.com", conversion.RoleAdmin), 7), conversion.CodeConflict)

	ok(t, s.SaveSetupLink(ctx, conversion.SetupLink{Hash: []byte{3}, Expires: 30}))
	refuses(t, s.CreateFirstMember(ctx, []byte{3}, member("2", "b@example.com", conversion.RoleAdmin), 8), conversion.CodeConflict)
	same(t, must(s.SetupLink(ctx, []byte{3}))(t).Used, conversion.Moment(0))
}

func sessions(t *testing.T, s *store.Store) {
	clock := testkit.NewClock(begun.Time())
	ctx, list := t.Context(), s.Sessions(clock.Now)
	find := func(token string) string {
		t.Helper()
		data, found, err := list.FindCtx(ctx, token)
		ok(t, err)
		if !found {
			return "none"
		}
		return string(data)
	}
	ok(t, list.CommitCtx(ctx, "a", []byte("first"), clock.Now().Add(time.Hour)))
	ok(t, list.Commit("b", nil, clock.Now().Add(2*time.Hour)))
	ok(t, list.CommitCtx(ctx, "a", []byte("second"), clock.Now().Add(time.Hour)))
	same(t, find("a"), "second")
	same(t, find("b"), "")
	same(t, find("c\x00"), "none")

	clock.Advance(time.Hour)
	same(t, find("a"), "none")
	ok(t, list.Delete("b"))
	ok(t, list.DeleteCtx(ctx, "b"))
	_, found, err := list.Find("b")
	same(t, must(found, err)(t), false)
}

func auditLog(t *testing.T, s *store.Store) {
	entry := func(workspace, action string, at conversion.Moment) conversion.AuditEntry {
		return conversion.AuditEntry{WorkspaceID: workspace, At: at, Actor: admin, Action: action, Detail: "d"}
	}
	ok(t, s.AppendAudit(t.Context(), []conversion.AuditEntry{
		entry("w", "first", 1), entry("other", "theirs", 1), entry("w", "third", 2), entry("w", "second", 1),
	}))
	page, _, err := s.AuditLog(t.Context(), "w", "", 10)
	same(t, must(page, err)(t)[0], entry("w", "third", 2))
	f := fixtureOf(t, s, "w")
	got := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := s.AuditLog(t.Context(), "w", after, 1)
		for _, e := range found {
			page = append(page, e.Action)
		}
		return page, next, err
	})
	same(t, got, []string{"third", "second", "first"})
}
