package connection

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/secret"
)

// loginTime is how long a started web login may take.
const loginTime = 15 * time.Minute

// BeginInput starts a web login.
type BeginInput struct {
	LoginURL      string // host, URL, "production" or "sandbox"; "": production
	ClientID      string // "": the workspace's earlier one, or the installation's
	ClientSecret  string // "": the one that goes with the id, if known
	SessionHash   []byte // of the browser's session, which the callback must bring; nil when a program began
	ConfirmNewOrg bool   // another org than the links' is meant (spec 2.4)
}

// Begin starts the web login (OAuth 2.0 with PKCE and state) and returns where to send the
// browser. It asks nothing of Salesforce yet. Errors name login_url or client_id.
func (s *Service) Begin(ctx context.Context, workspaceID string, in BeginInput) (authorizeURL string, err error) {
	auth, err := s.authorization(ctx, workspaceID, in.LoginURL, in.ClientID, in.ClientSecret)
	if err != nil {
		return "", err
	}
	state, verifier := rand.Text(), salesforce.NewVerifier()
	begun := conversion.AuthState{
		Hash: secret.HashToken(state), WorkspaceID: workspaceID, SessionHash: in.SessionHash,
		LoginURL: auth.LoginURL, ClientID: auth.ClientID,
		ConfirmOrg: in.ConfirmNewOrg, Expires: s.moment().Add(loginTime),
	}
	begun.ClientSecret = s.Keeper.Seal(stateRow(begun, "client_secret"), []byte(auth.ClientSecret))
	begun.Verifier = s.Keeper.Seal(stateRow(begun, "verifier"), []byte(verifier))
	if err := s.Open(workspaceID).SaveAuthState(ctx, begun); err != nil {
		return "", fmt.Errorf("store the started login: %w", err)
	}
	return auth.AuthorizeURL(state, verifier)
}

func stateRow(a conversion.AuthState, column string) string {
	return "auth_state/" + hex.EncodeToString(a.Hash) + "/" + column
}

// CallbackInput is what the browser brings back from Salesforce's login.
type CallbackInput struct {
	State            string
	Code             string
	Error            string // OAuth's "error", "" when the login went well
	ErrorDescription string
	SessionHash      []byte // of the browser's session
	WorkspaceID      string // of the admin who is signed in to it
}

// Callback finishes a web login and returns the workspace it connected, or failed to:
// it is set whenever the state was known. Errors say what happened and what to do; with
// another org than the links' it is a CodeConflict one, to be confirmed by a new login.
func (s *Service) Callback(ctx context.Context, actor conversion.Actor, in CallbackInput) (workspaceID string, err error) {
	begun, err := s.States.TakeAuthState(ctx, secret.HashToken(in.State), s.moment())
	if conversion.ErrorCode(err) == conversion.CodeNotFound {
		return "", &conversion.Error{
			Code: conversion.CodeForbidden, Message: "This login was not started here, was used before, or took too long.",
			Hint: "Connect again.",
		}
	}
	if err != nil {
		return "", err
	}
	if !in.mayFinish(begun) {
		return "", &conversion.Error{
			Code: conversion.CodeForbidden, Message: "This login was started in another browser or session.",
			Hint: "Connect again from the browser you are signed in with.",
		}
	}
	return begun.WorkspaceID, failedLogin(s.finish(ctx, actor, begun, in))
}

// mayFinish reports whether the browser may finish the login: the one that began it, or,
// where a program began it, one in which an admin of its workspace is signed in.
func (in CallbackInput) mayFinish(begun conversion.AuthState) bool {
	if len(begun.SessionHash) == 0 {
		return in.WorkspaceID == begun.WorkspaceID
	}
	return subtle.ConstantTimeCompare(begun.SessionHash, in.SessionHash) == 1
}

// finish trades the code for a token and connects with it.
func (s *Service) finish(ctx context.Context, actor conversion.Actor, begun conversion.AuthState, in CallbackInput) error {
	auth := salesforce.Authorization{LoginURL: begun.LoginURL, ClientID: begun.ClientID, RedirectURL: s.RedirectURL(), Hosts: s.Hosts}
	if in.Error != "" || in.Code == "" {
		host, err := s.Hosts.Trusted(begun.LoginURL)
		if err != nil {
			return err
		}
		return salesforce.NewOAuthError(host.Host, in.Error, in.ErrorDescription)
	}
	clientSecret, err := s.Keeper.Open(stateRow(begun, "client_secret"), begun.ClientSecret)
	if err != nil {
		return fmt.Errorf("open the client secret: %w", err)
	}
	verifier, err := s.Keeper.Open(stateRow(begun, "verifier"), begun.Verifier)
	if err != nil {
		return fmt.Errorf("open the PKCE verifier: %w", err)
	}
	auth.ClientSecret = string(clientSecret)
	token, err := auth.Exchange(ctx, in.Code, string(verifier))
	if err != nil {
		return err
	}
	return s.connect(ctx, actor, login{begun.WorkspaceID, FlowWeb, auth, token, begun.ConfirmOrg})
}

// CredentialsInput connects without a browser.
type CredentialsInput struct {
	LoginURL      string // My Domain of the org
	ClientID      string // "": the workspace's earlier one, or the installation's
	ClientSecret  string
	ConfirmNewOrg bool // another org than the links' is meant (spec 2.4)
}

// ConnectClientCredentials connects as the app's own user. Errors are as Callback's.
func (s *Service) ConnectClientCredentials(ctx context.Context, workspaceID string, actor conversion.Actor, in CredentialsInput) error {
	auth, err := s.authorization(ctx, workspaceID, in.LoginURL, in.ClientID, in.ClientSecret)
	if err != nil {
		return err
	}
	if auth.ClientSecret == "" {
		return conversion.Invalid("client_secret", "is needed to connect without a browser")
	}
	token, err := auth.ClientCredentials(ctx)
	if err != nil {
		return failedLogin(err)
	}
	return failedLogin(s.connect(ctx, actor, login{workspaceID, FlowClientCredentials, auth, token, in.ConfirmNewOrg}))
}

// authorization is the app and the login host that the admin entered, or, where they
// entered nothing, those of the workspace or the installation.
func (s *Service) authorization(ctx context.Context, workspaceID, loginURL, clientID, clientSecret string) (salesforce.Authorization, error) {
	auth := salesforce.Authorization{ClientID: clientID, ClientSecret: clientSecret, RedirectURL: s.RedirectURL(), Hosts: s.Hosts}
	address, err := s.loginAddress(loginURL)
	if err != nil {
		return auth, err
	}
	auth.LoginURL = address
	c, err := s.Open(workspaceID).Connection(ctx)
	if err != nil {
		return auth, err
	}
	if auth.ClientID == "" {
		auth.ClientID = c.ClientID
	}
	if auth.ClientID == "" {
		auth.ClientID = s.DefaultClientID
	}
	if auth.ClientID == "" {
		return auth, conversion.Invalid("client_id", "enter the consumer key of the connected app: the installation has none of its own")
	}
	if auth.ClientSecret == "" {
		auth.ClientSecret, err = s.knownSecret(c, auth)
	}
	return auth, err
}

// knownSecret returns the secret that goes with the app, "" when it is not known. The
// workspace's is for the host it was entered for: it is shown to no other.
func (s *Service) knownSecret(c conversion.Connection, auth salesforce.Authorization) (string, error) {
	if c.ClientID == auth.ClientID && c.LoginURL == auth.LoginURL && len(c.ClientSecret) > 0 {
		return s.unseal(c, "client_secret", c.ClientSecret)
	}
	if auth.ClientID == s.DefaultClientID {
		return s.DefaultClientSecret, nil
	}
	return "", nil
}
