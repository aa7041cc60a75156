package sandbox

import (
	"net/http"
	"strings"
	"time"

	"conversion/internal/sandbox/table"
)

// profile is what the login host knows of a user.
type profile struct {
	id, username, email, first, last, name, alias      string
	nickname, timezone, language, locale, kind, mobile string
	street, city, state, country, postalCode           string
	profile, role                                      string // ids
	active                                             bool
	modified                                           string
}

// profile reads a user.
func (o *Org) profile(id string) (profile, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.profileOf(id)
}

// profileOf is profile for a caller that holds the lock.
func (o *Org) profileOf(id string) (profile, bool) {
	users := o.standard("User")
	row, ok := users.rows.Find(id)
	if !ok {
		return profile{}, false
	}
	text := func(name string) string { return userText(users, row, name) }
	p := profile{
		id: id, username: text("Username"), email: text("Email"), first: text("FirstName"), last: text("LastName"),
		name: text("Name"), alias: text("Alias"), nickname: text("CommunityNickname"), mobile: text("MobilePhone"),
		timezone: text("TimeZoneSidKey"), language: text("LanguageLocaleKey"), locale: text("LocaleSidKey"),
		kind: text("UserType"), modified: text("LastModifiedDate"),
		profile: text("ProfileId"), role: text("UserRoleId"), street: text("Street"), city: text("City"), state: text("State"), country: text("Country"), postalCode: text("PostalCode"),
	}
	if p.nickname == "" {
		p.nickname = p.alias
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

// utcOffset is how far the user's standard time is from UTC, in milliseconds.
func (p profile) utcOffset() int {
	place, err := time.LoadLocation(p.timezone)
	if err != nil {
		return 0
	}
	_, january := time.Date(2026, time.January, 1, 0, 0, 0, 0, place).Zone()
	_, july := time.Date(2026, time.July, 1, 0, 0, 0, 0, place).Zone()
	return min(january, july) * 1000
}

// changed is when the user record was last modified, without milliseconds.
func (p profile) changed() string { return strings.Replace(p.modified, ".000+0000", "Z", 1) }

// identityURL names a user of the org.
func (c *call) identityURL(user string) string { return c.origin() + "/id/" + c.org.id + "/" + user }

// bearer finds the user and the session of an OIDC call, whose errors are 403
// and plain text.
func (c *call) bearer() (profile, session, bool) {
	token := c.token()
	for _, name := range []string{"oauth_token", "access_token"} {
		if token == "" {
			token = c.form().Get(name)
		}
	}
	if token == "" {
		_ = c.plain(http.StatusForbidden, "Missing_OAuth_Token")
		return profile{}, session{}, false
	}
	found, ok := c.org.sessions.find(token, true)
	if ok {
		var user profile
		if user, ok = c.org.profile(found.user); ok && user.active {
			return user, found, true
		}
	}
	_ = c.plain(http.StatusForbidden, "Bad_OAuth_Token")
	return profile{}, session{}, false
}

func (c *call) userinfo() *Error {
	user, _, ok := c.bearer()
	if !ok {
		return nil
	}
	photos := c.photos(user)
	return c.answerUser(map[string]any{
		"sub": c.identityURL(user.id), "user_id": user.id, "organization_id": c.org.id, "preferred_username": user.username,
		"nickname": user.nickname, "name": user.name, "email": user.email, "email_verified": true, "given_name": nilIfEmpty(user.first),
		"family_name": user.last, "zoneinfo": user.timezone, "photos": photos, "profile": c.origin() + "/" + user.id,
		"picture": photos["picture"], "address": user.address(), "is_salesforce_integration_user": false,
		"urls": c.serviceURLs(user), "active": user.active, "user_type": strings.ToUpper(user.kind),
		"language": user.language, "locale": user.locale, "utcOffset": user.utcOffset(), "updated_at": user.changed(),
	})
}

// address lists what is known of where the user is.
func (p profile) address() map[string]string {
	address := map[string]string{"country": "US"}
	for name, v := range map[string]string{
		"street_address": p.street, "locality": p.city, "region": p.state, "country": p.country, "postal_code": p.postalCode,
	} {
		if v != "" {
			address[name] = v
		}
	}
	return address
}

func (c *call) photos(user profile) map[string]string {
	at := c.origin() + "/profilephoto/" + shortID(user.id)
	return map[string]string{"picture": at + "/F", "thumbnail": at + "/T"}
}

// serviceURLs lists the addresses of the org's APIs, those of APIs that it does
// not serve included; {version} is for the client to replace.
func (c *call) serviceURLs(user profile) map[string]string {
	origin := c.origin()
	rest, soap := origin+"/services/data/v{version}/", origin+"/services/Soap/"
	org := "/{version}/" + shortID(c.org.id)
	urls := map[string]string{
		"enterprise": soap + "c" + org, "metadata": soap + "m" + org, "partner": soap + "u" + org, "tooling_soap": soap + "T" + org,
		"rest": rest, "sobjects": rest + "sobjects/", "search": rest + "search/", "query": rest + "query/", "recent": rest + "recent/",
		"tooling_rest": rest + "tooling/", "feeds": rest + "chatter/feeds", "groups": rest + "chatter/groups", "users": rest + "chatter/users",
		"feed_items": rest + "chatter/feed-items", "feed_elements": rest + "chatter/feed-elements",
		"profile": origin + "/" + user.id, "custom_domain": origin,
	}
	version := c.form().Get("version")
	if version == "" {
		return urls
	}
	if version == "latest" {
		version = "67.0"
	}
	for name, u := range urls {
		urls[name] = strings.Replace(u, "{version}", version, 1)
	}
	return urls
}

// answerUser answers with what is known of a user, in the format asked for.
func (c *call) answerUser(answer map[string]any) *Error {
	c.header.Set("Cache-Control", "no-store")
	if format := c.format(formJSON); format != formJSON {
		return c.answerOAuthAs(format, http.StatusOK, answer)
	}
	return c.json(http.StatusOK, answer)
}

func (c *call) identity() *Error {
	user, _, ok := c.bearer()
	if !ok {
		return nil
	}
	org, known := normaliseID(c.params["org"])
	asked, known2 := normaliseID(c.params["user"])
	shown, exists := c.org.profile(asked)
	if !known || !known2 || org != c.org.id || !exists {
		return c.plain(http.StatusNotFound, "Bad_Id")
	}
	return c.answerUser(map[string]any{
		"id": c.identityURL(asked), "asserted_user": asked == user.id, "user_id": asked, "organization_id": c.org.id,
		"username": shown.username, "nick_name": shown.nickname, "display_name": shown.name, "email": shown.email,
		"email_verified": true, "first_name": nilIfEmpty(shown.first), "last_name": shown.last, "timezone": shown.timezone,
		"photos": c.photos(shown), "addr_street": nilIfEmpty(shown.street), "addr_city": nilIfEmpty(shown.city),
		"addr_state": nilIfEmpty(shown.state), "addr_country": nilIfEmpty(shown.country), "addr_zip": nilIfEmpty(shown.postalCode),
		"mobile_phone": nilIfEmpty(shown.mobile), "mobile_phone_verified": false, "is_lightning_login_user": false,
		"status": map[string]any{"created_date": nil, "body": nil}, "urls": c.serviceURLs(shown), "active": shown.active,
		"user_type": strings.ToUpper(shown.kind), "language": shown.language, "locale": shown.locale, "utcOffset": shown.utcOffset(),
		"last_modified_date": shown.changed(), "is_app_installed": true,
	})
}
