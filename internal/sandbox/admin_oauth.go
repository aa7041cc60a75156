package sandbox

import (
	"net/http"
	"time"
)

// oauthSettings are the org's settings of sessions and tokens.
type oauthSettings struct {
	RotateRefreshTokens *bool  `json:"rotateRefreshTokens,omitempty"`
	SessionTimeout      string `json:"sessionTimeout,omitempty"`
}

func (c *call) adminOAuth() *Error {
	s := c.org.sessions
	s.mu.Lock()
	rotate, lifetime := s.rotate, s.lifetime
	s.mu.Unlock()
	return c.json(http.StatusOK, oauthSettings{&rotate, lifetime.String()})
}

func (c *call) adminSetOAuth() *Error {
	var sent oauthSettings
	if err := c.decode(&sent); err != nil {
		return err
	}
	lifetime, err := time.ParseDuration(sent.SessionTimeout)
	if sent.SessionTimeout != "" && (err != nil || lifetime <= 0) {
		return refusal("JSON_PARSER_ERROR", "sessionTimeout is no duration such as 15m: "+sent.SessionTimeout)
	}
	if sent.RotateRefreshTokens != nil {
		c.org.RotateRefreshTokens(*sent.RotateRefreshTokens)
	}
	if sent.SessionTimeout != "" {
		c.org.SetSessionLifetime(lifetime)
	}
	return c.adminOAuth()
}

// sentApp is a connected app as the admin API shows and takes it.
type sentApp struct {
	ClientID       string   `json:"clientId"`
	ClientSecret   string   `json:"clientSecret,omitempty"`
	SecretRequired bool     `json:"secretRequired,omitempty"`
	Callbacks      []string `json:"callbacks,omitempty"`
	Scopes         []string `json:"scopes,omitempty"`
	RunAs          string   `json:"runAs,omitempty"`
	Certificate    string   `json:"certificate,omitempty"`
	NeedsApproval  bool     `json:"needsApproval,omitempty"`
}

func (c *call) adminApps() *Error {
	all := []sentApp{}
	for _, app := range c.org.apps.list() {
		all = append(all, sentApp{app.ClientID, app.ClientSecret, app.SecretRequired, app.Callbacks, app.Scopes,
			app.RunAs, app.Certificate, app.NeedsApproval})
	}
	return c.json(http.StatusOK, map[string]any{"apps": all})
}

func (c *call) adminRegisterApp() *Error {
	var sent sentApp
	if err := c.decode(&sent); err != nil {
		return err
	}
	err := c.org.RegisterApp(App{
		ClientID: sent.ClientID, ClientSecret: sent.ClientSecret, SecretRequired: sent.SecretRequired, Callbacks: sent.Callbacks,
		Scopes: sent.Scopes, RunAs: sent.RunAs, Certificate: sent.Certificate, NeedsApproval: sent.NeedsApproval,
	})
	if err != nil {
		return adminError(err)
	}
	return c.json(http.StatusCreated, map[string]string{"clientId": sent.ClientID})
}

func (c *call) adminRemoveApp() *Error {
	if !c.org.RemoveApp(c.params["app"]) {
		return notFound()
	}
	return c.noContent(http.StatusNoContent)
}

// adminJWTKey hands out the private key that the apps sign their JWTs with.
func (c *call) adminJWTKey() *Error {
	c.status, c.answer = http.StatusOK, []byte(JWTKey)
	c.header.Set("Content-Type", "application/x-pem-file")
	return nil
}
