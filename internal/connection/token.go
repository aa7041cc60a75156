package connection

import (
	"context"
	"errors"
	"fmt"

	"conversion"
	"conversion/internal/salesforce"
)

// openClient is a client and the login it was opened with.
type openClient struct {
	client *salesforce.Client
	since  conversion.Moment // Connection.Connected
}

// Client opens a client of the workspace's org. All callers share one, so that it renews
// its session once for all of them. Errors: a CodeReconnect one, with what to do, when
// nobody is connected or a person must reconnect; a CodeUnavailable one while paused.
func (s *Service) Client(ctx context.Context, workspaceID string) (*salesforce.Client, error) {
	c, err := s.Open(workspaceID).Connection(ctx)
	if err != nil {
		return nil, err
	}
	if err := usable(c); err != nil {
		return nil, err
	}
	if c.Paused {
		return nil, &conversion.Error{Code: conversion.CodeUnavailable, Message: "The sync is paused.", Hint: "Resume it."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if open, ok := s.clients[workspaceID]; ok && open.since == c.Connected {
		return open.client, nil
	}
	token, err := s.token(c)
	if err != nil {
		return nil, err
	}
	client := salesforce.New(s.clientConfig(workspaceID, token))
	s.clients[workspaceID] = openClient{client, c.Connected}
	return client, nil
}

func (s *Service) clientConfig(workspaceID string, token salesforce.Token) salesforce.Config {
	config := salesforce.Config{
		Hosts: s.Hosts, Token: token, Now: s.Now, ClientName: "Conversion",
		Refresh: func(ctx context.Context, old salesforce.Token) (salesforce.Token, error) {
			return s.refresh(ctx, workspaceID, old)
		},
	}
	if s.Count != nil {
		config.Count = func(ctx context.Context, requests int) { s.Count(ctx, workspaceID, requests) }
	}
	return config
}

// usable reports why the connection has no token that works.
func usable(c conversion.Connection) error {
	switch {
	case c.Connected == 0:
		return &conversion.Error{Code: conversion.CodeReconnect, Message: "Salesforce is not connected.", Hint: "Connect it under Settings › Integrations."}
	case c.Broken != "":
		return &conversion.Error{Code: conversion.CodeReconnect, Message: c.Broken, Hint: c.BrokenHint}
	}
	return nil
}

// refresh gets a token in place of old, which Salesforce refused, and stores it before it
// returns it. The client lets one call at a time through; of several processes that
// refresh at once, the one that stores first wins, and the others take its token.
func (s *Service) refresh(ctx context.Context, workspaceID string, old salesforce.Token) (salesforce.Token, error) {
	c, err := s.Open(workspaceID).Connection(ctx)
	if err != nil {
		return salesforce.Token{}, err
	}
	if err := usable(c); err != nil {
		return salesforce.Token{}, err
	}
	current, err := s.token(c)
	if err != nil || current.AccessToken != old.AccessToken {
		return current, err
	}
	fresh, err := s.grant(ctx, c, current)
	if err != nil {
		return s.refused(ctx, workspaceID, current, err)
	}
	return s.keep(ctx, workspaceID, current, fresh)
}

// grant asks the login host for a new token.
func (s *Service) grant(ctx context.Context, c conversion.Connection, current salesforce.Token) (salesforce.Token, error) {
	auth, err := s.authorizationOf(c)
	if err != nil {
		return salesforce.Token{}, err
	}
	if c.Flow == FlowClientCredentials {
		return auth.ClientCredentials(ctx)
	}
	return auth.Refresh(ctx, current.RefreshToken)
}

func (s *Service) authorizationOf(c conversion.Connection) (salesforce.Authorization, error) {
	clientSecret, err := s.unseal(c, "client_secret", c.ClientSecret)
	return salesforce.Authorization{
		LoginURL: c.LoginURL, ClientID: c.ClientID, ClientSecret: clientSecret,
		RedirectURL: s.RedirectURL(), Hosts: s.Hosts,
	}, err
}

// keep stores a fresh token in place of the one it was got with. When that is gone from
// the row, another process or a person was quicker, and theirs is returned. A row that
// another process just called broken, because we had used the refresh token up, is mended.
func (s *Service) keep(ctx context.Context, workspaceID string, used, fresh salesforce.Token) (salesforce.Token, error) {
	kept := fresh
	_, err := s.change(ctx, workspaceID, func(c *conversion.Connection) (bool, error) {
		current, replaced, err := s.replaced(*c, used)
		if err != nil || replaced {
			kept = current
			return false, err
		}
		kept = fresh
		s.sealToken(c, fresh)
		if fresh.InstanceURL != "" {
			c.InstanceURL = fresh.InstanceURL
		}
		c.Broken, c.BrokenHint = "", ""
		return true, nil
	})
	if err != nil {
		return salesforce.Token{}, fmt.Errorf("store the new token: %w", err)
	}
	return kept, nil
}

// replaced reports whether the row holds another token than used, and returns it.
func (s *Service) replaced(c conversion.Connection, used salesforce.Token) (current salesforce.Token, replaced bool, err error) {
	if c.Connected == 0 {
		return salesforce.Token{}, false, usable(c)
	}
	current, err = s.token(c)
	return current, current.AccessToken != used.AccessToken, err
}

// refused handles a refresh that failed. What a retry may cure is left to the caller;
// anything else needs a person, unless another process had refreshed already.
func (s *Service) refused(ctx context.Context, workspaceID string, used salesforce.Token, cause error) (salesforce.Token, error) {
	class := salesforce.ClassOf(cause)
	if class != salesforce.Reconnect && class != salesforce.BadClient {
		return salesforce.Token{}, failedLogin(cause)
	}
	var taken salesforce.Token
	c, err := s.change(ctx, workspaceID, func(c *conversion.Connection) (bool, error) {
		current, replaced, err := s.replaced(*c, used)
		if err != nil || replaced {
			taken = current
			return false, err
		}
		taken = salesforce.Token{}
		c.Broken, c.BrokenHint = "Salesforce no longer accepts the login: "+reasonOf(cause), hintOf(cause)
		return true, nil
	})
	if err != nil || taken.AccessToken != "" {
		return taken, err
	}
	s.Logger.WarnContext(ctx, "Salesforce needs a person to reconnect", "workspace", workspaceID, "class", class.String())
	return salesforce.Token{}, &conversion.Error{Code: conversion.CodeReconnect, Message: c.Broken, Hint: c.BrokenHint, Err: cause}
}

// reasonOf gives what a login host said, without what we were doing at the time.
func reasonOf(err error) string {
	if refused, ok := errors.AsType[*salesforce.OAuthError](err); ok {
		return refused.Error() + "."
	}
	return err.Error() + "."
}

// token opens the row's token.
func (s *Service) token(c conversion.Connection) (salesforce.Token, error) {
	access, err := s.unseal(c, "access_token", c.AccessToken)
	if err != nil {
		return salesforce.Token{}, err
	}
	refresh, err := s.unseal(c, "refresh_token", c.RefreshToken)
	if err != nil {
		return salesforce.Token{}, err
	}
	return salesforce.Token{
		AccessToken: access, RefreshToken: refresh, InstanceURL: c.InstanceURL, OrgID: c.OrgID, UserID: c.UserID,
	}, nil
}

func (s *Service) sealToken(c *conversion.Connection, t salesforce.Token) {
	c.AccessToken = s.seal(*c, "access_token", t.AccessToken)
	c.RefreshToken = s.seal(*c, "refresh_token", t.RefreshToken)
}

// seal ties a secret to its workspace and column; nothing stays nothing.
func (s *Service) seal(c conversion.Connection, column, plain string) []byte {
	if plain == "" {
		return nil
	}
	return s.Keeper.Seal(sealedRow(c, column), []byte(plain))
}

func (s *Service) unseal(c conversion.Connection, column string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.Keeper.Open(sealedRow(c, column), sealed)
	if err != nil {
		return "", &conversion.Error{
			Code: conversion.CodeReconnect, Message: "The stored login cannot be opened with this installation's secret key.",
			Hint: "Put the secret key file back that it was made with, or connect again.", Err: err,
		}
	}
	return string(plain), nil
}

func sealedRow(c conversion.Connection, column string) string {
	return "connection/" + c.WorkspaceID + "/" + column
}
