package connection

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/salesforce"
)

// login is one that went well.
type login struct {
	workspaceID string
	flow        string
	auth        salesforce.Authorization
	token       salesforce.Token
	confirmed   bool // another org than the links' is meant
}

// connect finds out whose token it is and makes it the workspace's. The first sync is due
// at once (spec 2.3).
func (s *Service) connect(ctx context.Context, actor conversion.Actor, l login) error {
	client := salesforce.New(salesforce.Config{Hosts: s.Hosts, Token: l.token, Now: s.Now})
	user, err := client.Identity(ctx)
	if err != nil {
		return fmt.Errorf("ask who is logged in: %w", err)
	}
	org, err := client.Organization(ctx)
	if err != nil {
		return fmt.Errorf("read the organisation: %w", err)
	}
	offset, known := client.ClockOffset()
	books := s.Open(l.workspaceID)
	before, err := books.Connection(ctx)
	if err != nil {
		return err
	}
	orgID := salesforce.LongID(org.ID)
	if err := checkOrg(ctx, books, before, orgID, l.confirmed); err != nil {
		return err
	}
	after := s.connected(before, l)
	after.OrgID, after.OrgName, after.Sandbox = orgID, org.Name, org.IsSandbox
	after.UserID, after.UserName = user.UserID, user.Username
	if known {
		after.ClockOffset, after.ClockKnown = offset, true
	}
	another := before.OrgID != orgID
	if another {
		after.LastSynced, after.Loaded, after.Used, after.Max = 0, false, 0, 0
	}
	if err := s.storeLogin(ctx, books, after, before.Generation, another); err != nil {
		return err
	}
	s.Logger.InfoContext(ctx, "connected to Salesforce", "workspace", l.workspaceID, "org", orgID, "flow", l.flow)
	return s.audit(ctx, l.workspaceID, actor, "salesforce.connected", "org "+orgID+" by "+l.flow)
}

// connected is the row with the login's facts.
func (s *Service) connected(c conversion.Connection, l login) conversion.Connection {
	c.WorkspaceID = l.workspaceID
	c.Flow, c.LoginURL, c.ClientID, c.InstanceURL = l.flow, l.auth.LoginURL, l.auth.ClientID, l.token.InstanceURL
	c.ClientSecret = s.seal(c, "client_secret", l.auth.ClientSecret)
	s.sealToken(&c, l.token)
	c.Connected, c.NextSync = s.moment(), s.moment()
	c.Broken, c.BrokenHint = "", ""
	if c.Interval == 0 {
		c.Interval = s.Interval
	}
	return c
}

// storeLogin replaces the row, with what the engine stores when the org is another one.
func (s *Service) storeLogin(ctx context.Context, books Books, c conversion.Connection, expect int64, another bool) error {
	if err := books.SaveConnection(ctx, c, expect, another); err != nil {
		return fmt.Errorf("store the connection: %w", err)
	}
	if another {
		return nil
	}
	return books.Awaken(ctx, c.NextSync)
}

// checkOrg refuses another org than the one the workspace's links belong to, unless the
// admin meant it (spec 2.4).
func checkOrg(ctx context.Context, books Books, before conversion.Connection, orgID string, confirmed bool) error {
	if before.OrgID == "" || before.OrgID == orgID || confirmed {
		return nil
	}
	total := 0
	for _, k := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		n, err := books.LiveLinks(ctx, k)
		if err != nil {
			return fmt.Errorf("count the links: %w", err)
		}
		total += n
	}
	if total == 0 {
		return nil
	}
	return &conversion.Error{
		Code: conversion.CodeConflict,
		Message: fmt.Sprintf("This is another Salesforce org (%s) than the one that %d records here are linked to (%s).",
			orgID, total, before.OrgID),
		Hint: "Its links are not used for the new org. Connect again and confirm the new org, or log in to the old one.",
	}
}
