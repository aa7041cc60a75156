package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"conversion"
	"conversion/internal/secret"
)

// keyPrefix starts every API key, keyShown is how much of one is kept to tell keys apart.
const (
	keyPrefix = "cvk"
	keyShown  = len(keyPrefix) + 1 + 6
)

// usedEvery is how exactly the last use of a key is kept: a write a request would cost
// more than the request.
const usedEvery = time.Minute

// CreateKey makes an API key. clear is the key itself, which is shown this once.
func (s *Service) CreateKey(ctx context.Context, by conversion.Actor, workspaceID, name string) (clear string, key conversion.APIKey, err error) {
	if name, err = validName("name", name); err != nil {
		return "", key, err
	}
	clear, hash := secret.NewToken(keyPrefix)
	key = conversion.APIKey{
		ID: newID(), WorkspaceID: workspaceID, Name: name,
		Prefix: clear[:keyShown], Hash: hash, Created: s.moment(),
	}
	if err := s.books.CreateKey(ctx, key); err != nil {
		return "", conversion.APIKey{}, fmt.Errorf("create the API key: %w", err)
	}
	return clear, key, s.audit(ctx, workspaceID, by, "key.created", key.ID+" "+name)
}

// Keys returns a workspace's API keys, newest first, revoked ones included.
func (s *Service) Keys(ctx context.Context, workspaceID string) ([]conversion.APIKey, error) {
	keys, err := s.books.KeysOf(ctx, workspaceID)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return keys, nil
}

// RevokeKey ends a key at once and for good.
func (s *Service) RevokeKey(ctx context.Context, by conversion.Actor, workspaceID, id string) error {
	if err := s.books.RevokeKey(ctx, workspaceID, id, s.moment()); err != nil {
		return fmt.Errorf("revoke the API key: %w", err)
	}
	return s.audit(ctx, workspaceID, by, "key.revoked", id)
}

// Authenticate returns the key that a program presents, and notes its use. It returns a
// CodeUnauthorized error for a key that is wrong or revoked.
func (s *Service) Authenticate(ctx context.Context, clear string) (conversion.APIKey, error) {
	key, err := s.books.KeyByHash(ctx, secret.HashToken(clear))
	if err != nil && conversion.ErrorCode(err) != conversion.CodeNotFound {
		return conversion.APIKey{}, fmt.Errorf("look up the API key: %w", err)
	}
	if err != nil || !secret.TokenMatches(clear, key.Hash) || key.Revoked != 0 {
		return conversion.APIKey{}, conversion.Errorf(conversion.CodeUnauthorized, "The API key is wrong or was revoked.")
	}
	s.noteUse(ctx, key)
	return key, nil
}

// noteUse must not fail the request that it is only noted beside.
func (s *Service) noteUse(ctx context.Context, key conversion.APIKey) {
	now := s.moment()
	if now.Sub(key.LastUsed) < usedEvery || !s.keyUses.due(key.ID, now) {
		return
	}
	if err := s.books.KeysUsed(ctx, map[string]conversion.Moment{key.ID: now}); err != nil {
		s.log.WarnContext(ctx, "last use of a key not noted", "key_id", key.ID, "error", err)
	}
}

// keyUses keeps requests side by side from all noting the use of one key.
type keyUses struct {
	mu    sync.Mutex
	noted map[string]conversion.Moment // by key id
}

func newKeyUses() *keyUses { return &keyUses{noted: map[string]conversion.Moment{}} }

func (u *keyUses) due(id string, now conversion.Moment) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now.Sub(u.noted[id]) < usedEvery {
		return false
	}
	u.noted[id] = now
	return true
}
