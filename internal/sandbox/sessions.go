package sandbox

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

// sessions holds what OAuth and the login page gave out. Times are virtual.
type sessions struct {
	clock    *Clock
	lifetime time.Duration

	mu      sync.Mutex
	access  map[string]*session
	refresh map[string]*grant
	codes   map[string]*code
	logins  map[string]string // browser cookie -> user id
}

// session is an access token.
type session struct {
	user    string
	scope   string
	refresh string // the refresh token it came with or from
	issued  time.Time
	used    time.Time
}

// grant is a refresh token.
type grant struct{ user, scope string }

// code is an authorization code, good for one exchange.
type code struct {
	user, scope, redirect, challenge string
	expires                          time.Time
}

const codeLifetime = 15 * time.Minute

func newSessions(clock *Clock, lifetime time.Duration) *sessions {
	return &sessions{
		clock: clock, lifetime: lifetime,
		access: map[string]*session{}, refresh: map[string]*grant{}, codes: map[string]*code{}, logins: map[string]string{},
	}
}

// secret makes an unguessable text of letters, digits, dots and underscores.
func secret(length int) string {
	const letters = base62 + "._"
	b := make([]byte, length)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = letters[b[i]&63]
	}
	return string(b)
}

// open issues an access token.
func (s *sessions) open(org, user, scope, refresh string) string {
	token := shortID(org) + "!" + secret(96)
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access[token] = &session{user: user, scope: scope, refresh: refresh, issued: now, used: now}
	return token
}

// find returns a live session and counts as its use when touch is set.
func (s *sessions) find(token string, touch bool) (session, bool) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.access[token]
	if !ok || now.Sub(found.used) > s.lifetime {
		delete(s.access, token)
		return session{}, false
	}
	if touch {
		found.used = now
	}
	return *found, true
}

// expire ends one session; its refresh token goes on.
func (s *sessions) expire(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.access, token)
}

// grantRefresh issues a refresh token.
func (s *sessions) grantRefresh(user, scope string) string {
	token := "5Aep861" + strings.ReplaceAll(secret(80), "..", "__")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh[token] = &grant{user, scope}
	return token
}

func (s *sessions) refreshable(token string) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.refresh[token]
	if !ok {
		return grant{}, false
	}
	return *g, true
}

// revoke ends a token; a refresh token takes its access tokens along.
func (s *sessions) revoke(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.access[token]; ok {
		delete(s.access, token)
		return true
	}
	if _, ok := s.refresh[token]; !ok {
		return false
	}
	delete(s.refresh, token)
	for access, session := range s.access {
		if session.refresh == token {
			delete(s.access, access)
		}
	}
	return true
}

func (s *sessions) newCode(c code) string {
	text := "aPrx" + secret(80) + "=="
	c.expires = s.clock.Now().Add(codeLifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[text] = &c
	return text
}

// redeem returns what a code stands for, once.
func (s *sessions) redeem(text string) (code, bool) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[text]
	delete(s.codes, text)
	if !ok || now.After(c.expires) {
		return code{}, false
	}
	return *c, true
}

func (s *sessions) login(user string) (cookie string) {
	cookie = secret(40)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins[cookie] = user
	return cookie
}

func (s *sessions) loggedIn(cookie string) (user string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok = s.logins[cookie]
	return user, ok
}

// IssueToken opens a session of the administrator and returns its access token.
func (o *Org) IssueToken() string {
	return o.sessions.open(o.id, o.Admin().id, "api web full", "")
}

// ExpireSessions ends all access tokens; refresh tokens go on working.
func (o *Org) ExpireSessions() {
	o.sessions.mu.Lock()
	defer o.sessions.mu.Unlock()
	clear(o.sessions.access)
}

// RevokeTokens ends all access and refresh tokens, as an administrator does who
// revokes the app.
func (o *Org) RevokeTokens() {
	o.sessions.mu.Lock()
	defer o.sessions.mu.Unlock()
	clear(o.sessions.access)
	clear(o.sessions.refresh)
	clear(o.sessions.codes)
}
