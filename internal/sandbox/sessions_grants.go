package sandbox

import (
	"slices"
	"strings"
	"time"
)

// grant is what a refresh token stands for. With rotation its token changes.
type grant struct {
	app, user, scope string
	token            string
	number           uint64
}

// code is an authorization code, good for one exchange.
type code struct {
	app, user, scope, redirect, challenge, nonce string
	expires                                      time.Time
	redeemed                                     bool
}

// consent is what a user allowed an app before.
type consent struct{ user, app string }

const (
	codeLifetime = 15 * time.Minute
	liveGrants   = 5 // of one user and app
)

// refreshToken makes the text of a refresh token.
func refreshToken() string { return "5Aep861" + secret(80) }

// grantRefresh issues a refresh token. Beyond five of one user and app the oldest
// ends.
func (s *sessions) grantRefresh(app, user, scope string) *grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	g := &grant{app: app, user: user, scope: scope, token: refreshToken(), number: s.issued}
	s.refresh[g.token] = g
	var mine []*grant
	for _, other := range s.refresh {
		if other.app == app && other.user == user {
			mine = append(mine, other)
		}
	}
	slices.SortFunc(mine, func(a, b *grant) int { return int(a.number) - int(b.number) })
	for _, old := range mine[:max(len(mine)-liveGrants, 0)] {
		s.endGrant(old)
	}
	return g
}

// refreshable finds a live refresh grant of an app by its token.
func (s *sessions) refreshable(token string) (*grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.refresh[token]
	return g, ok
}

// rotated gives a grant its next token where refresh tokens work once: "" means
// that the old one goes on. Of two that come with one token, one is too late.
func (s *sessions) rotated(g *grant, from string) (next string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh[from] != g {
		return "", false
	}
	if !s.rotate {
		return "", true
	}
	delete(s.refresh, from)
	g.token = refreshToken()
	s.refresh[g.token] = g
	return g.token, true
}

// endGrant ends a refresh token and the access tokens that came of it. The caller
// holds the lock.
func (s *sessions) endGrant(g *grant) {
	delete(s.refresh, g.token)
	for token, session := range s.access {
		if session.grant == g {
			delete(s.access, token)
		}
	}
}

// revoke ends a token; a refresh token takes its access tokens along.
func (s *sessions) revoke(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.access[token]; ok {
		delete(s.access, token)
		return true
	}
	g, ok := s.refresh[token]
	if ok {
		s.endGrant(g)
	}
	return ok
}

func (s *sessions) newCode(c code) string {
	text := "aPrx" + secret(80) + "=="
	c.expires = s.clock.Now().Add(codeLifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[text] = &c
	return text
}

// redeem returns what a code stands for, once. An error says what is wrong with
// it.
func (s *sessions) redeem(text string) (code, *Error) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[text]
	if !ok {
		return code{}, refusal("invalid_grant", "invalid authorization code")
	}
	if c.redeemed || now.After(c.expires) {
		return code{}, refusal("invalid_grant", "expired authorization code")
	}
	c.redeemed = true
	return *c, nil
}

// approve remembers that a user allowed an app some scopes.
func (s *sessions) approve(user, app, scope string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := consent{user, app}
	s.consents[key] = strings.TrimSpace(s.consents[key] + " " + scope)
}

// approved says whether a user allowed an app all of these scopes before.
func (s *sessions) approved(user, app, scope string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	given, ok := s.consents[consent{user, app}]
	for _, name := range strings.Fields(scope) {
		ok = ok && scoped(given, name)
	}
	return ok
}
