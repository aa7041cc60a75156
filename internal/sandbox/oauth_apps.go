package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// PlatformCLI is the client id of Salesforce's own command line, which every org
// knows. It is a public client: it has no secret.
const PlatformCLI = "PlatformCLI"

// App is a connected app of the org: a client that may ask for tokens.
type App struct {
	// ClientID is the consumer key.
	ClientID string
	// ClientSecret is the consumer secret, "" for a public client.
	ClientSecret string
	// SecretRequired asks for the secret with codes and refresh tokens too, not
	// only where nothing else proves the client.
	SecretRequired bool
	// Callbacks are the redirect addresses; any https address and any address of
	// this machine when there are none. The port of a local one does not matter.
	Callbacks []string
	// Scopes may be asked for; all that the org knows when there are none.
	Scopes []string
	// RunAs names the user of the client credentials flow, "" to refuse it.
	RunAs string
	// Certificate is the PEM text of the certificate, or of the public key, with
	// which the JWTs of the app are signed; the sandbox's own key when empty.
	Certificate string
	// NeedsApproval lets only users in by JWT who allowed the app before.
	NeedsApproval bool

	key *rsa.PublicKey
}

// scopes are what an app may ask for, and what a client gets that asks for
// nothing, in this order.
var scopes = []string{"api", "web", "full", "id", "profile", "email", "address", "phone", "openid", "refresh_token"}

// otherScopes are granted too, but only when asked for: they belong to products
// that the org does not have, or, like offline_access, are another name.
var otherScopes = []string{
	"offline_access", "chatter_api", "custom_permissions", "content", "lightning", "visualforce", "wave_api", "eclair_api",
	"pardot_api", "interaction_api", "cdp_query_api", "cdp_ingest_api", "cdp_profile_api", "sfap_api", "einstein_gpt_api",
	"forgot_password", "user_registration_api", "scrt_api", "chatbot_api", "pwdless_login_api",
}

// allows says whether the app may ask for a scope.
func (a *App) allows(scope string) bool {
	if len(a.Scopes) > 0 {
		return slices.Contains(a.Scopes, scope)
	}
	return slices.Contains(scopes, scope) || slices.Contains(otherScopes, scope)
}

// defaultScope is what the app gets when it asks for nothing.
func (a *App) defaultScope() string {
	if len(a.Scopes) > 0 {
		return strings.Join(a.Scopes, " ")
	}
	return strings.Join(scopes, " ")
}

// takesCallback says whether the browser may be sent to an address.
func (a *App) takesCallback(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return false
	}
	if len(a.Callbacks) == 0 {
		return u.Scheme == "https" || u.Scheme == "http" && isLocal(u.Hostname())
	}
	return slices.ContainsFunc(a.Callbacks, func(registered string) bool { return sameCallback(registered, u) })
}

// sameCallback compares exactly, but for the port of an address of this machine,
// which a command line tool chooses when it starts.
func sameCallback(registered string, u *url.URL) bool {
	r, err := url.Parse(registered)
	if err != nil || registered == u.String() {
		return err == nil
	}
	return isLocal(r.Hostname()) && r.Scheme == u.Scheme && r.Hostname() == u.Hostname() && r.Path == u.Path && r.RawQuery == u.RawQuery
}

func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// apps are the connected apps by client id.
type apps struct {
	mu   sync.RWMutex
	byID map[string]*App
}

func newApps() *apps {
	return &apps{byID: map[string]*App{
		ClientID:    {ClientID: ClientID, ClientSecret: ClientSecret, RunAs: AdminUser},
		PlatformCLI: {ClientID: PlatformCLI, Callbacks: []string{"http://localhost:1717/OauthRedirect"}},
	}}
}

func (a *apps) find(id string) (*App, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	app, ok := a.byID[id]
	return app, ok
}

func (a *apps) list() []*App {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var all []*App
	for _, app := range a.byID {
		all = append(all, app)
	}
	slices.SortFunc(all, func(x, y *App) int { return strings.Compare(x.ClientID, y.ClientID) })
	return all
}

// RegisterApp adds a connected app, or replaces the one of the same client id.
func (o *Org) RegisterApp(app App) error {
	if app.ClientID == "" {
		return errors.New("an app needs a client id")
	}
	for _, callback := range app.Callbacks {
		if u, err := url.Parse(callback); err != nil || u.Scheme == "" || u.Host == "" {
			return fmt.Errorf("the callback %q is no absolute address", callback)
		}
	}
	if app.RunAs != "" && o.User(app.RunAs).id == "" {
		return fmt.Errorf("the org has no user %s", app.RunAs)
	}
	if app.Certificate != "" {
		key, err := publicKey(app.Certificate)
		if err != nil {
			return err
		}
		app.key = key
	}
	o.apps.mu.Lock()
	defer o.apps.mu.Unlock()
	o.apps.byID[app.ClientID] = &app
	return nil
}

// RemoveApp forgets a connected app and ends its tokens.
func (o *Org) RemoveApp(clientID string) bool {
	o.apps.mu.Lock()
	_, ok := o.apps.byID[clientID]
	delete(o.apps.byID, clientID)
	o.apps.mu.Unlock()
	o.sessions.forget(clientID)
	return ok
}

// publicKey reads the RSA key of a PEM certificate or public key.
func publicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the certificate is no PEM text")
	}
	var key any
	if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
		key = certificate.PublicKey
	} else if key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, errors.New("the certificate holds neither a certificate nor a public key")
	}
	found, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the certificate's key is not an RSA key")
	}
	return found, nil
}

// JWTKey is the PEM text of the private key that the sandbox's apps sign their
// JWTs with. It is the same in every sandbox and printed in its source, so it
// protects nothing.
//
//go:embed keys/sandbox.pem
var JWTKey string

// ownKey is the parsed JWTKey.
var ownKey = sync.OnceValue(func() *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(JWTKey))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic("sandbox: the built-in key cannot be read: " + err.Error())
	}
	return key
})
