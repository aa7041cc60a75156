package engine

import (
	"context"
	"fmt"

	"conversion"
)

// mostPiled is how many contacts and companies that were changed while nothing could be
// sent go without a preview (spec 5.2).
const mostPiled = 1000

// pileCounted bounds how far a pile is counted for people.
const pileCounted = 100_000

// waitsForPreview reports whether so much piled up while nothing could be sent that an
// admin sees it first. Then nothing is sent, what is changed now included: it may be about
// the same records.
func (s *session) waitsForPreview(ctx context.Context) (bool, error) {
	if s.conn.Offline == 0 {
		return false, nil
	}
	c, err := s.books.Connection(ctx) // a cycle may be older than the preview's applying
	if err != nil || c.Offline == 0 {
		return false, err
	}
	n, err := s.books.Piled(ctx, s.conn.Offline, s.now(), pileCounted)
	if err != nil {
		return false, err
	}
	if n <= mostPiled {
		return false, s.pile(ctx, 0, 0)
	}
	s.conn.Piled = n
	if n != c.Piled {
		err = s.pile(ctx, c.Offline, n)
	}
	return true, err
}

// pile stores what piled up.
func (s *session) pile(ctx context.Context, offline conversion.Moment, n int) error {
	if err := s.cfg.Step("store the pile"); err != nil {
		return err
	}
	if err := s.books.SavePile(ctx, offline, n); err != nil {
		return err
	}
	s.conn.Offline, s.conn.Piled = offline, n
	return nil
}

// errPiled is what the runs that would have sent a pile end with.
func errPiled(n int) error {
	return &conversion.Error{
		Code: conversion.CodeConflict, Message: fmt.Sprintf("%d contacts and companies were changed while nothing could be sent. They wait for a preview.", n),
		Hint: "Preview the rules, then apply the preview.",
	}
}
