package sandbox

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// sessions holds what OAuth and the login page gave out. Times are virtual.
type sessions struct {
	clock *Clock

	mu       sync.Mutex
	lifetime time.Duration // of an access token that is not used
	rotate   bool          // a refresh token works once
	access   map[string]*session
	refresh  map[string]*grant
	codes    map[string]*code
	logins   map[string]string // browser cookie -> user id
	bridges  map[string]string // one-time password of a frontdoor -> user id
	consents map[consent]string
	hours    map[string]loginCount
	issued   uint64 // refresh grants, for their order
}

// session is an access token.
type session struct {
	app, user, scope string
	grant            *grant // it was opened with, nil without one
	issued, used     time.Time
}

// loginCount counts a user's logins in one hour.
type loginCount struct {
	hour  int64
	count int
}

const loginsPerHour = 3600

func newSessions(clock *Clock, lifetime time.Duration, rotate bool) *sessions {
	return &sessions{
		clock: clock, lifetime: lifetime, rotate: rotate,
		access: map[string]*session{}, refresh: map[string]*grant{}, codes: map[string]*code{}, logins: map[string]string{},
		bridges: map[string]string{}, consents: map[consent]string{}, hours: map[string]loginCount{},
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

// open issues an access token, as part of a refresh grant if there is one.
func (s *sessions) open(org, app, user, scope string, from *grant) string {
	token := shortID(org) + "!" + secret(96)
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access[token] = &session{app: app, user: user, scope: scope, grant: from, issued: now, used: now}
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

// timeout is how long an access token lives without being used.
func (s *sessions) timeout() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lifetime
}

// expire ends one session; its refresh token goes on.
func (s *sessions) expire(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.access, token)
}

// endAll ends a user's sessions and browser logins. Refresh tokens stay: they are
// refused for as long as the user is inactive.
func (s *sessions) endAll(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.access, func(_ string, given *session) bool { return given.user == user })
	maps.DeleteFunc(s.logins, func(_, id string) bool { return id == user })
}

// forget ends everything that an app was given.
func (s *sessions) forget(app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.access, func(_ string, given *session) bool { return given.app == app })
	maps.DeleteFunc(s.refresh, func(_ string, given *grant) bool { return given.app == app })
	maps.DeleteFunc(s.codes, func(_ string, given *code) bool { return given.app == app })
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

func (s *sessions) logOut(cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.logins, cookie)
}

// bridge makes a one-time password with which a browser becomes a user.
func (s *sessions) bridge(user string) string {
	password := secret(40)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bridges[password] = user
	return password
}

func (s *sessions) cross(password string) (user string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok = s.bridges[password]
	delete(s.bridges, password)
	return user, ok
}

// admitLogin counts a login and says whether the user has one left this hour.
func (s *sessions) admitLogin(user string) bool {
	hour := s.clock.Now().Unix() / 3600
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.hours[user]
	if n.hour != hour {
		n = loginCount{hour: hour}
	}
	n.count++
	s.hours[user] = n
	return n.count <= loginsPerHour
}

func scoped(scope, name string) bool { return slices.Contains(strings.Fields(scope), name) }

// IssueToken opens a session of the administrator and returns its access token.
func (o *Org) IssueToken() string { return o.IssueTokenTo(o.Admin()) }

// IssueTokenTo opens a session of the user and returns its access token.
func (o *Org) IssueTokenTo(user Actor) string {
	return o.sessions.open(o.id, ClientID, user.id, "api web full", nil)
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
	clear(o.sessions.consents)
}

// RotateRefreshTokens switches rotation: with it each use of a refresh token
// answers with the next one, and the used one is dead.
func (o *Org) RotateRefreshTokens(on bool) {
	o.sessions.mu.Lock()
	defer o.sessions.mu.Unlock()
	o.sessions.rotate = on
}

// SetSessionLifetime changes how long an unused access token lives, in virtual
// time; tokens that were given out before are no exception.
func (o *Org) SetSessionLifetime(d time.Duration) {
	o.sessions.mu.Lock()
	defer o.sessions.mu.Unlock()
	o.sessions.lifetime = d
}
