package account_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"conversion"
	"conversion/internal/account"
)

// books keep accounts in memory, as account.Books describes it.
type books struct {
	mu         sync.Mutex
	workspaces []conversion.Workspace
	members    map[string]conversion.Member
	keys       map[string]conversion.APIKey
	link       *conversion.SetupLink
	log        []conversion.AuditEntry
	keyWrites  int
}

var _ account.Books = (*books)(nil)

func newBooks() *books {
	return &books{members: map[string]conversion.Member{}, keys: map[string]conversion.APIKey{}}
}

func missing() error { return conversion.Errorf(conversion.CodeNotFound, "There is no such row.") }
func clash() error   { return conversion.Errorf(conversion.CodeConflict, "There is one already.") }

func (b *books) Workspaces(context.Context) ([]conversion.Workspace, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.workspaces), nil
}

func (b *books) CreateWorkspace(_ context.Context, w conversion.Workspace) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.workspaces, func(o conversion.Workspace) bool { return o.ID == w.ID }) {
		return clash()
	}
	b.workspaces = append(b.workspaces, w)
	return nil
}

func (b *books) MemberByEmail(_ context.Context, email string) (conversion.Member, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.members {
		if m.Email == email {
			return m, nil
		}
	}
	return conversion.Member{}, missing()
}

func (b *books) Member(_ context.Context, id string) (conversion.Member, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m, ok := b.members[id]; ok {
		return m, nil
	}
	return conversion.Member{}, missing()
}

func (b *books) MembersOf(_ context.Context, workspaceID string) ([]conversion.Member, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var of []conversion.Member
	for _, m := range b.members {
		if m.WorkspaceID == workspaceID {
			of = append(of, m)
		}
	}
	slices.SortFunc(of, func(x, y conversion.Member) int { return cmp.Compare(x.Email, y.Email) })
	return of, nil
}

func (b *books) CreateMember(_ context.Context, m conversion.Member) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, other := range b.members {
		if other.Email == m.Email {
			return clash()
		}
	}
	b.members[m.ID] = m
	return nil
}

func (b *books) SaveMember(_ context.Context, m conversion.Member) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.members[m.ID]; !ok || old.WorkspaceID != m.WorkspaceID {
		return missing()
	}
	if m.Role != conversion.RoleAdmin && !b.adminBeside(m.WorkspaceID, m.ID) {
		return clash()
	}
	b.members[m.ID] = m
	return nil
}

func (b *books) DeleteMember(_ context.Context, workspaceID, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.members[id]; !ok || old.WorkspaceID != workspaceID {
		return missing()
	}
	if !b.adminBeside(workspaceID, id) {
		return clash()
	}
	delete(b.members, id)
	return nil
}

func (b *books) adminBeside(workspaceID, id string) bool {
	for _, m := range b.members {
		if m.WorkspaceID == workspaceID && m.ID != id && m.Role == conversion.RoleAdmin {
			return true
		}
	}
	return false
}

func (b *books) CreateKey(_ context.Context, k conversion.APIKey) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys[k.ID] = k
	return nil
}

func (b *books) KeyByHash(_ context.Context, hash []byte) (conversion.APIKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.keys {
		if bytes.Equal(k.Hash, hash) {
			return k, nil
		}
	}
	return conversion.APIKey{}, missing()
}

func (b *books) KeysOf(_ context.Context, workspaceID string) ([]conversion.APIKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var of []conversion.APIKey
	for _, k := range b.keys {
		if k.WorkspaceID == workspaceID {
			of = append(of, k)
		}
	}
	slices.SortFunc(of, func(x, y conversion.APIKey) int { return cmp.Compare(y.ID, x.ID) })
	return of, nil
}

func (b *books) RevokeKey(_ context.Context, workspaceID, id string, at conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, ok := b.keys[id]
	if !ok || k.WorkspaceID != workspaceID {
		return missing()
	}
	if k.Revoked == 0 {
		k.Revoked = at
	}
	b.keys[id] = k
	return nil
}

func (b *books) KeysUsed(_ context.Context, lastUsed map[string]conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, at := range lastUsed {
		k := b.keys[id]
		k.LastUsed = max(k.LastUsed, at)
		b.keys[id] = k
		b.keyWrites++
	}
	return nil
}

func (b *books) AnyMember(context.Context) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.members) > 0, nil
}

func (b *books) SaveSetupLink(_ context.Context, l conversion.SetupLink) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.link = &l
	return nil
}

func (b *books) SetupLink(_ context.Context, hash []byte) (conversion.SetupLink, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.link == nil || !bytes.Equal(b.link.Hash, hash) {
		return conversion.SetupLink{}, missing()
	}
	return *b.link, nil
}

func (b *books) CreateFirstMember(_ context.Context, link []byte, m conversion.Member, at conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.members) > 0 || b.link == nil || b.link.Used != 0 || !bytes.Equal(b.link.Hash, link) {
		return clash()
	}
	b.link.Used = at
	b.members[m.ID] = m
	return nil
}

func (b *books) AppendAudit(_ context.Context, entries []conversion.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, entries...)
	return nil
}

func (b *books) AuditLog(_ context.Context, workspaceID, _ string, limit int) (page []conversion.AuditEntry, next string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, entry := range slices.Backward(b.log) {
		if entry.WorkspaceID == workspaceID && len(page) < limit {
			page = append(page, entry)
		}
	}
	return page, "", nil
}
