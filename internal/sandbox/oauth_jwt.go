package sandbox

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// signingKey names the org's key in JWTs and in its key set.
const signingKey = "sandbox"

// signJWT signs claims with the org's key.
func signJWT(claims map[string]any) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic("sandbox: claims that are no JSON: " + err.Error())
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(map[string]string{"alg": "RS256", "typ": "JWT", "kid": signingKey}) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, ownKey(), crypto.SHA256, sum[:])
	if err != nil {
		panic("sandbox: the built-in key cannot sign: " + err.Error())
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// assertion is a JWT that a client signed.
type assertion struct {
	signed    string
	signature []byte
	algorithm string

	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"`
	Audience json.RawMessage `json:"aud"` // a text or a list of texts
	Expires  json.RawMessage `json:"exp"` // a number or a text
}

// readAssertion takes a JWT apart without believing it.
func readAssertion(text string) (assertion, bool) {
	var a assertion
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return a, false
	}
	var decoded [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
		if err != nil {
			return a, false
		}
		decoded[i] = b
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	if json.Unmarshal(decoded[0], &header) != nil || json.Unmarshal(decoded[1], &a) != nil {
		return a, false
	}
	a.signed, a.signature, a.algorithm = parts[0]+"."+parts[1], decoded[2], header.Algorithm
	return a, true
}

// signedWith checks the signature, which must be RS256.
func (a assertion) signedWith(key *rsa.PublicKey) bool {
	sum := sha256.Sum256([]byte(a.signed))
	return a.algorithm == "RS256" && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], a.signature) == nil
}

// addressed says whether the JWT is for this org: its audience is one of the
// login hosts, whatever host was called, or the org's own origin, with or without
// a scheme.
func (a assertion) addressed(origin string) bool {
	var list []string
	if one := ""; json.Unmarshal(a.Audience, &one) == nil {
		list = []string{one}
	} else if json.Unmarshal(a.Audience, &list) != nil {
		return false
	}
	own, _ := url.Parse(origin)
	for _, audience := range list {
		host := strings.TrimSuffix(strings.TrimRight(audience, "/"), "/services/oauth2/token")
		host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
		if host == "login.salesforce.com" || host == "test.salesforce.com" || host == own.Host || strings.HasSuffix(host, ".my.salesforce.com") {
			return true
		}
	}
	return false
}

// expiry reads exp, which is seconds since 1970. Clients also send it as a text,
// and the sf CLI sends milliseconds, which are far in the future: both are taken.
func (a assertion) expiry() (time.Time, bool) {
	text := strings.Trim(string(a.Expires), `"`)
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	const farAway = 1 << 40 // seconds; a time that can still be computed with
	return time.Unix(int64(min(seconds, farAway)), 0), true
}

// leeway is by how much the clocks of client and org may differ.
const leeway = 3 * time.Minute

// expired compares with the org's clock and with the machine's, by which real
// clients sign: only what is past by both is too old.
func (c *call) expired(a assertion) bool {
	expires, ok := a.expiry()
	past := func(now time.Time) bool { return now.After(expires.Add(leeway)) }
	return !ok || past(c.org.clock.Now()) && past(c.org.clock.base())
}

// jwtBearer opens a session for the user whom a signed assertion names.
func (c *call) jwtBearer(form url.Values) *Error {
	a, ok := readAssertion(form.Get("assertion"))
	if !ok {
		return refusal("invalid_grant", "invalid assertion")
	}
	app, ok := c.org.apps.find(a.Issuer)
	if !ok {
		return refusal("invalid_client_id", "client identifier invalid")
	}
	key := app.key
	if key == nil {
		key = &ownKey().PublicKey
	}
	user, known := c.org.profile(c.org.User(a.Subject).id)
	switch {
	case !a.signedWith(key), c.expired(a):
		return refusal("invalid_grant", "invalid assertion")
	case !a.addressed(c.origin()):
		return refusal("invalid_grant", "Audience validation failed")
	case !known, app.NeedsApproval && !c.org.sessions.approved(user.id, app.ClientID, ""):
		return refusal("invalid_grant", "user hasn't approved this consumer")
	}
	return c.openFor(app, user, form)
}

// keySet publishes the key that ID tokens are signed with.
func (c *call) keySet() *Error {
	public := ownKey().PublicKey
	return c.json(http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": signingKey,
		"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
	}}})
}
