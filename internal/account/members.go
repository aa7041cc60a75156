package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"conversion"
)

// NewMember is what a person's account is made from.
type NewMember struct {
	WorkspaceID string
	Email       string
	Name        string
	Password    string // at least MinPassword characters
	Role        conversion.Role
}

// SignIn returns the member with the e-mail and password. address is where the try comes
// from. It returns a CodeUnauthorized error that does not say which of the two was wrong,
// and a CodeLimit error after too many failures.
func (s *Service) SignIn(ctx context.Context, email, password, address string) (conversion.Member, error) {
	email = conversion.Email(email)
	if wait := s.attempts.begin(email, address, s.now()); wait > 0 {
		return conversion.Member{}, tooManyFailures(wait)
	}
	member, err := s.books.MemberByEmail(ctx, email)
	if err != nil && conversion.ErrorCode(err) != conversion.CodeNotFound {
		return conversion.Member{}, fmt.Errorf("look up the member: %w", err)
	}
	ok, err := s.passwords.matches(ctx, password, member.PasswordHash)
	if err != nil {
		return conversion.Member{}, fmt.Errorf("check the password: %w", err)
	}
	if !ok {
		return conversion.Member{}, conversion.Errorf(conversion.CodeUnauthorized, "E-mail or password is wrong.")
	}
	s.attempts.succeeded(email, address)
	return member, nil
}

func tooManyFailures(wait time.Duration) error {
	err := conversion.Errorf(conversion.CodeLimit, "Too many failed sign-ins.")
	err.Hint = fmt.Sprintf("Try again in %v.", (wait + time.Second - 1).Truncate(time.Second))
	return err
}

// Member returns the member with the id, for a session; a CodeNotFound error when the
// account is gone.
func (s *Service) Member(ctx context.Context, id string) (conversion.Member, error) {
	member, err := s.books.Member(ctx, id)
	if err != nil {
		return conversion.Member{}, fmt.Errorf("read the member: %w", err)
	}
	return member, nil
}

// Members returns a workspace's members by e-mail.
func (s *Service) Members(ctx context.Context, workspaceID string) ([]conversion.Member, error) {
	members, err := s.books.MembersOf(ctx, workspaceID)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return members, nil
}

// AddMember makes an account. It returns a CodeInvalid error that names every field at
// fault, and a CodeConflict error when the e-mail has an account.
func (s *Service) AddMember(ctx context.Context, by conversion.Actor, n NewMember) (conversion.Member, error) {
	member, err := s.makeMember(ctx, n)
	if err != nil {
		return conversion.Member{}, err
	}
	if err := s.books.CreateMember(ctx, member); err != nil {
		return conversion.Member{}, emailTaken(err)
	}
	return member, s.audit(ctx, member.WorkspaceID, by, "member.added", member.ID+" as "+string(member.Role))
}

func emailTaken(err error) error {
	if conversion.ErrorCode(err) != conversion.CodeConflict {
		return fmt.Errorf("create the member: %w", err)
	}
	return &conversion.Error{
		Code: conversion.CodeConflict, Message: "There is an account with this e-mail already.",
		Fields: []conversion.FieldError{{Field: "email", Message: "has an account already"}},
	}
}

// makeMember checks the input, all of it, before the costly hash.
func (s *Service) makeMember(ctx context.Context, n NewMember) (conversion.Member, error) {
	var wrong []conversion.FieldError
	note := func(err error) {
		if e, ok := errors.AsType[*conversion.Error](err); ok {
			wrong = append(wrong, e.Fields...)
		}
	}
	name, err := validName("name", n.Name)
	note(err)
	email, ok := conversion.ParseEmail(n.Email)
	if !ok {
		note(conversion.Invalid("email", "is not an e-mail address"))
	}
	note(validPassword(n.Password))
	note(validRole(n.Role))
	if len(wrong) > 0 {
		return conversion.Member{}, &conversion.Error{Code: conversion.CodeInvalid, Message: "The input is not valid.", Fields: wrong}
	}
	hash, err := s.passwords.hash(ctx, n.Password)
	if err != nil {
		return conversion.Member{}, fmt.Errorf("hash the password: %w", err)
	}
	return conversion.Member{
		ID: newID(), WorkspaceID: n.WorkspaceID, Email: email, Name: name,
		PasswordHash: hash, Role: n.Role, Created: s.moment(),
	}, nil
}

func validRole(role conversion.Role) error {
	if role != conversion.RoleAdmin && role != conversion.RoleMember {
		return conversion.Invalid("role", "must be %s or %s", conversion.RoleAdmin, conversion.RoleMember)
	}
	return nil
}

// ChangePassword replaces a member's own password, which has to be known. Wrong ones
// count as failed sign-ins from address.
func (s *Service) ChangePassword(ctx context.Context, member conversion.Member, old, password, address string) error {
	if err := validPassword(password); err != nil {
		return err
	}
	member, err := s.SignIn(ctx, member.Email, old, address)
	if conversion.ErrorCode(err) == conversion.CodeUnauthorized {
		return conversion.Invalid("old_password", "is wrong")
	}
	if err != nil {
		return err
	}
	return s.setPassword(ctx, conversion.Actor{Kind: conversion.ActorUser, ID: member.ID}, member, password)
}

// ResetPassword replaces another member's password.
func (s *Service) ResetPassword(ctx context.Context, by conversion.Actor, workspaceID, id, password string) error {
	if err := validPassword(password); err != nil {
		return err
	}
	member, err := s.memberOf(ctx, workspaceID, id)
	if err != nil {
		return err
	}
	return s.setPassword(ctx, by, member, password)
}

func (s *Service) setPassword(ctx context.Context, by conversion.Actor, member conversion.Member, password string) error {
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	member.PasswordHash = hash
	if err := s.books.SaveMember(ctx, member); err != nil {
		return fmt.Errorf("save the password: %w", err)
	}
	return s.audit(ctx, member.WorkspaceID, by, "member.password_changed", member.ID)
}

// ChangeRole gives a member another role. The last admin stays one: a CodeConflict error.
func (s *Service) ChangeRole(ctx context.Context, by conversion.Actor, workspaceID, id string, role conversion.Role) error {
	if err := validRole(role); err != nil {
		return err
	}
	member, err := s.memberOf(ctx, workspaceID, id)
	if err != nil {
		return err
	}
	member.Role = role
	if err := s.books.SaveMember(ctx, member); err != nil {
		return fmt.Errorf("save the role: %w", err)
	}
	return s.audit(ctx, workspaceID, by, "member.role_changed", id+" to "+string(role))
}

// RemoveMember deletes an account. The last admin cannot be: a CodeConflict error.
func (s *Service) RemoveMember(ctx context.Context, by conversion.Actor, workspaceID, id string) error {
	if err := s.books.DeleteMember(ctx, workspaceID, id); err != nil {
		return fmt.Errorf("delete the member: %w", err)
	}
	return s.audit(ctx, workspaceID, by, "member.removed", id)
}

// memberOf hides the members of other workspaces.
func (s *Service) memberOf(ctx context.Context, workspaceID, id string) (conversion.Member, error) {
	member, err := s.books.Member(ctx, id)
	if err != nil {
		return conversion.Member{}, fmt.Errorf("read the member: %w", err)
	}
	if member.WorkspaceID != workspaceID {
		return conversion.Member{}, conversion.Errorf(conversion.CodeNotFound, "There is no such member.")
	}
	return member, nil
}
