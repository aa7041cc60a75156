package sandbox

import (
	"net/http"
	"strings"

	"conversion/internal/sandbox/table"
)

// profile is what the login host knows of a user.
type profile struct {
	id, username, email, first, last, name, alias, timezone string
	active                                                  bool
	modified                                                string
}

// profile reads a user.
func (o *Org) profile(id string) (profile, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	users := o.objects["user"]
	row, ok := users.rows.Find(id)
	if !ok {
		return profile{}, false
	}
	text := func(name string) string { return userText(users, row, name) }
	p := profile{
		id: id, username: text("Username"), email: text("Email"), first: text("FirstName"), last: text("LastName"),
		name: text("Name"), alias: text("Alias"), timezone: text("TimeZoneSidKey"), modified: text("LastModifiedDate"),
	}
	if f, has := users.field("IsActive"); has {
		p.active = f.value(row) == true
	}
	return p, true
}

func userText(users *object, row *table.Row, name string) string {
	f, ok := users.field(name)
	if !ok {
		return ""
	}
	s, _ := f.shown(f.value(row)).(string)
	return s
}

// identityURL names a user of the org.
func (c *call) identityURL(user string) string { return c.origin() + "/id/" + c.org.id + "/" + user }

// bearer finds the user of an OIDC call, whose errors are 403 and plain text.
func (c *call) bearer() (profile, bool) {
	token := c.token()
	if token == "" {
		token = c.request.URL.Query().Get("oauth_token")
	}
	if token == "" {
		_ = c.plain(http.StatusForbidden, "Missing_OAuth_Token")
		return profile{}, false
	}
	session, ok := c.org.sessions.find(token, true)
	if ok {
		var user profile
		if user, ok = c.org.profile(session.user); ok {
			return user, true
		}
	}
	_ = c.plain(http.StatusForbidden, "Bad_OAuth_Token")
	return profile{}, false
}

func (c *call) userinfo() *Error {
	user, ok := c.bearer()
	if !ok {
		return nil
	}
	origin := c.origin()
	return c.json(http.StatusOK, map[string]any{
		"sub": c.identityURL(user.id), "user_id": user.id, "organization_id": c.org.id, "preferred_username": user.username,
		"nickname": user.alias, "name": user.name, "email": user.email, "email_verified": true, "given_name": user.first,
		"family_name": user.last, "zoneinfo": user.timezone, "photos": c.photos(), "profile": origin + "/" + user.id,
		"picture": origin + "/profilephoto/005/F", "address": map[string]string{"country": "US"},
		"is_salesforce_integration_user": false, "urls": c.serviceURLs(user), "active": user.active, "user_type": "STANDARD",
		"language": "en_US", "locale": "en_US", "utcOffset": 0, "updated_at": strings.Replace(user.modified, ".000+0000", "Z", 1),
	})
}

func (c *call) photos() map[string]string {
	return map[string]string{"picture": c.origin() + "/profilephoto/005/F", "thumbnail": c.origin() + "/profilephoto/005/T"}
}

// serviceURLs lists what is served; {version} is for the client to replace.
func (c *call) serviceURLs(user profile) map[string]string {
	rest := c.origin() + "/services/data/v{version}/"
	urls := map[string]string{
		"rest": rest, "sobjects": rest + "sobjects/", "query": rest + "query/",
		"profile": c.origin() + "/" + user.id, "custom_domain": c.origin(),
	}
	if c.request.URL.Query().Get("version") == "latest" {
		for name, u := range urls {
			urls[name] = strings.Replace(u, "{version}", "67.0", 1)
		}
	}
	return urls
}

func (c *call) identity() *Error {
	user, ok := c.bearer()
	if !ok {
		return nil
	}
	org, known := normaliseID(c.params["org"])
	asked, known2 := normaliseID(c.params["user"])
	shown, exists := c.org.profile(asked)
	if !known || !known2 || org != c.org.id || !exists {
		return c.plain(http.StatusNotFound, "Bad_Id")
	}
	return c.json(http.StatusOK, map[string]any{
		"id": c.identityURL(asked), "asserted_user": asked == user.id, "user_id": asked, "organization_id": c.org.id,
		"username": shown.username, "nick_name": shown.alias, "display_name": shown.name, "email": shown.email,
		"email_verified": true, "first_name": nilIfEmpty(shown.first), "last_name": shown.last, "timezone": shown.timezone,
		"photos": c.photos(), "addr_street": nil, "addr_city": nil, "addr_state": nil, "addr_country": nil, "addr_zip": nil,
		"mobile_phone": nil, "mobile_phone_verified": false, "is_lightning_login_user": false,
		"status": map[string]any{"created_date": nil, "body": nil}, "urls": c.serviceURLs(shown), "active": shown.active,
		"user_type": "STANDARD", "language": "en_US", "locale": "en_US", "utcOffset": 0,
		"last_modified_date": shown.modified, "is_app_installed": true,
	})
}
