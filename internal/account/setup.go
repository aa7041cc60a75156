package account

import (
	"context"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/secret"
)

// setupFor is how long a set-up link works.
const setupFor = 24 * time.Hour

// Admin is what the first admin enters.
type Admin struct {
	Name     string
	Email    string
	Password string // at least MinPassword characters
}

// NewSetupLink returns the token of a new set-up link, which replaces earlier ones, or ""
// when somebody may sign in already. The token is shown once, to whoever started the
// server.
func (s *Service) NewSetupLink(ctx context.Context) (token string, err error) {
	if any, err := s.books.AnyMember(ctx); err != nil || any {
		return "", err
	}
	token, hash := secret.NewToken("setup")
	link := conversion.SetupLink{Hash: hash, Expires: s.moment().Add(setupFor)}
	if err := s.books.SaveSetupLink(ctx, link); err != nil {
		return "", fmt.Errorf("save the set-up link: %w", err)
	}
	return token, nil
}

// CheckSetupLink returns a CodeNotFound error when the token is not that of a link that
// still works.
func (s *Service) CheckSetupLink(ctx context.Context, token string) error {
	link, err := s.books.SetupLink(ctx, secret.HashToken(token))
	if err != nil && conversion.ErrorCode(err) != conversion.CodeNotFound {
		return fmt.Errorf("look up the set-up link: %w", err)
	}
	if err != nil || link.Used != 0 || s.moment() >= link.Expires {
		return deadLink()
	}
	return nil
}

func deadLink() error {
	err := conversion.Errorf(conversion.CodeNotFound, "This set-up link does not work any more.")
	err.Hint = "Sign in, or restart the server for a new link if nobody can."
	return err
}

// SetUp makes the first admin, of the oldest workspace, and uses the link up.
func (s *Service) SetUp(ctx context.Context, token string, a Admin) (conversion.Member, error) {
	if err := s.CheckSetupLink(ctx, token); err != nil {
		return conversion.Member{}, err
	}
	workspace, err := s.FindWorkspace(ctx, "")
	if err != nil {
		return conversion.Member{}, err
	}
	member, err := s.makeMember(ctx, NewMember{
		WorkspaceID: workspace.ID, Email: a.Email, Name: a.Name, Password: a.Password, Role: conversion.RoleAdmin,
	})
	if err != nil {
		return conversion.Member{}, err
	}
	err = s.books.CreateFirstMember(ctx, secret.HashToken(token), member, s.moment())
	if conversion.ErrorCode(err) == conversion.CodeConflict {
		return conversion.Member{}, deadLink()
	}
	if err != nil {
		return conversion.Member{}, fmt.Errorf("create the first admin: %w", err)
	}
	self := conversion.Actor{Kind: conversion.ActorUser, ID: member.ID}
	return member, s.audit(ctx, workspace.ID, self, "member.set_up", member.ID)
}
