package salesforce

import (
	"context"
	"fmt"
	"net/url"
	"sync"
)

// session holds the token and renews it, once however many requests ask.
type session struct {
	refresh func(context.Context, Token) (Token, error)
	hosts   Hosts

	mu     sync.Mutex
	token  Token
	flight *flight // a refresh under way, or nil
}

// flight is one refresh; token and err may be read once done is closed.
type flight struct {
	done  chan struct{}
	token Token
	err   error
}

func (s *session) current() Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// base returns the instance the token belongs to, if it may see the token. Every
// request asks, so that no token gets past, wherever it came from.
func (s *session) base(token Token) (*url.URL, error) {
	u, err := s.hosts.Trusted(token.InstanceURL)
	if err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	return u, nil
}

// renew returns a token newer than the refused one: the one that another request
// got meanwhile, or that of a refresh it joins or starts.
func (s *session) renew(ctx context.Context, refused Token) (Token, error) {
	s.mu.Lock()
	if s.token.AccessToken != refused.AccessToken {
		defer s.mu.Unlock()
		return s.token, nil
	}
	if s.flight == nil {
		s.flight = &flight{done: make(chan struct{})}
		// A caller that gives up must not void a rotation half done.
		go s.fly(context.WithoutCancel(ctx), s.flight, refused)
	}
	f := s.flight
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, context.Cause(ctx)
	}
}

func (s *session) fly(ctx context.Context, f *flight, refused Token) {
	f.token, f.err = s.fetch(ctx, refused)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.err == nil {
		s.token = f.token
	}
	s.flight = nil
	close(f.done)
}

func (s *session) fetch(ctx context.Context, refused Token) (Token, error) {
	if s.refresh == nil {
		return Token{}, &Error{
			Code:    "INVALID_SESSION_ID",
			Message: "the session has expired and cannot be renewed",
			Class:   Reconnect,
		}
	}
	token, err := s.refresh(ctx, refused)
	if err != nil {
		return Token{}, fmt.Errorf("renew the session: %w", err)
	}
	if token.InstanceURL == "" {
		token.InstanceURL = refused.InstanceURL
	}
	return token, nil
}
