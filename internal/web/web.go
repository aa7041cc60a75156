package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"conversion"
	"conversion/internal/web/static"
)

// Config is what the pages are made of.
type Config struct {
	People      People
	Keys        Keys
	Directory   Directory
	Endings     Endings
	Quarantine  Quarantine
	Connections Connections
	Settings    Settings
	Planner     Planner
	Journal     func(workspaceID string) Journal
	Sessions    scs.Store        // keeps who is signed in
	HasClient   bool             // the settings hold a connected app's id and secret
	LoginURL    string           // where Connect leads unless the admin says otherwise; "": production
	PublicURL   string           // where browsers reach the pages; "https://…" makes the cookie Secure
	Now         func() time.Time // the clock
	Refresh     time.Duration    // how often a live page looks for news; 0 means a second
	Log         *slog.Logger
}

// sessionLifetime is how long a member stays signed in without coming back.
const sessionLifetime = 14 * 24 * time.Hour

// site is the pages over their services.
type site struct {
	Config
	sessions *scs.SessionManager
	origin   string // of PublicURL, without a trailing slash
}

// New returns the handler of all pages. It expects to be mounted at the root, behind the
// middlewares of httpx that refuse requests from other sites and set security headers.
func New(c Config) http.Handler {
	s := &site{Config: c, origin: strings.TrimRight(c.PublicURL, "/")}
	if s.Refresh <= 0 {
		s.Refresh = time.Second
	}
	s.sessions = s.newSessions()
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	for _, route := range s.routes() {
		mux.Handle(route.pattern, s.sessions.LoadAndSave(s.serve(route)))
	}
	return mux
}

func (s *site) newSessions() *scs.SessionManager {
	sessions := scs.New()
	sessions.Store = s.Sessions
	sessions.Lifetime = sessionLifetime
	sessions.HashTokenInStore = true
	sessions.Cookie.Name = "conversion_session"
	sessions.Cookie.HttpOnly = true
	sessions.Cookie.SameSite = http.SameSiteLaxMode // Lax, for the way back from Salesforce's login
	sessions.Cookie.Secure = strings.HasPrefix(s.PublicURL, "https://")
	sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, visitor{}, err) }
	return sessions
}

// serve lets in whom the route is for, and turns its error into a page.
func (s *site) serve(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visitor(r)
		if err != nil {
			s.fail(w, r, v, err)
			return
		}
		switch {
		case route.access != everyone && !v.signedIn():
			s.toSignIn(w, r)
			return
		case route.access == admins && v.Role != conversion.RoleAdmin:
			err = errAdminsOnly
		default:
			err = route.handle(w, r, v)
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

var errAdminsOnly = &conversion.Error{
	Code: conversion.CodeForbidden, Message: "Only admins can open this page.", Hint: "Ask an admin of your workspace.",
}

// visitor is who sends a request; the zero visitor is nobody.
type visitor struct {
	conversion.Member
}

func (v visitor) signedIn() bool { return v.ID != "" }

func (v visitor) actor() conversion.Actor {
	return conversion.Actor{Kind: conversion.ActorUser, ID: v.ID}
}

// The names under which a session keeps things.
const (
	sessionMember  = "member"  // id of who is signed in
	sessionNotice  = "notice"  // what to say once on the next page
	sessionProblem = "problem" // what went wrong, to be said once
	sessionSent    = "sent"    // ids of forms that must not be carried out again
)

// visitor finds out who sends the request. A session of somebody who is gone is nobody's.
func (s *site) visitor(r *http.Request) (visitor, error) {
	id := s.sessions.GetString(r.Context(), sessionMember)
	if id == "" {
		return visitor{}, nil
	}
	member, err := s.People.Member(r.Context(), id)
	if conversion.ErrorCode(err) == conversion.CodeNotFound {
		return visitor{}, nil
	}
	return visitor{member}, err
}

// asError finds the error meant for a person in err's chain; nil when there is none, and
// when it is not theirs to mend.
func asError(err error) *conversion.Error {
	e, ok := errors.AsType[*conversion.Error](err)
	if !ok || e.Code == conversion.CodeInternal {
		return nil
	}
	return e
}
