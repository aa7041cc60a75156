package connection

import (
	"context"

	"conversion"
)

// Disconnect revokes the token and forgets it with the client secret. Contacts, links and
// how far the sync came stay, so that connecting the same org again resumes (spec 2.6). A
// revocation that fails does not stop it.
func (s *Service) Disconnect(ctx context.Context, workspaceID string, actor conversion.Actor) error {
	var before conversion.Connection
	_, err := s.change(ctx, workspaceID, func(c *conversion.Connection) (bool, error) {
		before = *c
		c.AccessToken, c.RefreshToken, c.ClientSecret = nil, nil, nil
		c.Connected, c.Broken, c.BrokenHint, c.Paused = 0, "", "", false
		return before.Connected != 0, nil
	})
	if err != nil || before.Connected == 0 {
		return err
	}
	s.mu.Lock()
	delete(s.clients, workspaceID)
	s.mu.Unlock()
	if err := s.revoke(ctx, before); err != nil {
		s.Logger.WarnContext(ctx, "the token could not be revoked", "workspace", workspaceID, "error", err)
	}
	return s.audit(ctx, workspaceID, actor, "salesforce.disconnected", "org "+before.OrgID)
}

// revoke voids the refresh token and all that came of it, or the access token when there
// is no other.
func (s *Service) revoke(ctx context.Context, c conversion.Connection) error {
	auth, err := s.authorizationOf(c)
	if err != nil {
		return err
	}
	token, err := s.token(c)
	if err != nil {
		return err
	}
	if token.RefreshToken != "" {
		return auth.Revoke(ctx, token.RefreshToken)
	}
	return auth.Revoke(ctx, token.AccessToken)
}

// Pause stops all traffic until Resume; changes wait and nothing is lost.
func (s *Service) Pause(ctx context.Context, workspaceID string, actor conversion.Actor) error {
	return s.setPaused(ctx, workspaceID, actor, true, "salesforce.paused")
}

// Resume ends a pause; a sync is due at once.
func (s *Service) Resume(ctx context.Context, workspaceID string, actor conversion.Actor) error {
	if err := s.setPaused(ctx, workspaceID, actor, false, "salesforce.resumed"); err != nil {
		return err
	}
	return s.SyncNow(ctx, workspaceID)
}

func (s *Service) setPaused(ctx context.Context, workspaceID string, actor conversion.Actor, paused bool, action string) error {
	changed := false
	_, err := s.change(ctx, workspaceID, func(c *conversion.Connection) (bool, error) {
		if c.Connected == 0 {
			return false, usable(*c)
		}
		changed = c.Paused != paused
		c.Paused = paused
		return changed, nil
	})
	if err != nil || !changed {
		return err
	}
	return s.audit(ctx, workspaceID, actor, action, "")
}

// SyncNow makes the next sync due at once. It queues nothing: whoever looks for what is
// due finds it. A CodeReconnect error when nobody is connected.
func (s *Service) SyncNow(ctx context.Context, workspaceID string) error {
	books := s.Open(workspaceID)
	c, err := books.Connection(ctx)
	if err != nil {
		return err
	}
	if err := usable(c); err != nil {
		return err
	}
	return books.Awaken(ctx, s.moment())
}
