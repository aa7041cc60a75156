package sandbox

import (
	"time"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soap"
)

// invalidLogin is the one answer to whatever is wrong with a login.
func invalidLogin() *Error {
	return refusal("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
}

// soapLogin opens a session by user name and password.
func (c *call) soapLogin() *Error {
	sent := c.soap.Call
	if scope := c.soap.Header("LoginScopeHeader").Value("organizationId"); scope != "" {
		if id, ok := normaliseID(scope); !ok || id != c.org.id {
			return invalidLogin()
		}
	}
	user, ok := c.org.logIn(sent.Value("username"), sent.Value("password"))
	switch {
	case !ok || !user.active:
		return invalidLogin()
	case !c.org.sessions.admitLogin(user.id):
		return refusal("LOGIN_RATE_EXCEEDED", "login rate exceeded")
	}
	session := c.org.sessions.open(c.org.id, "", user.id, "api web full", nil)
	return c.answerSOAP(soap.Group("result",
		soap.Text("metadataServerUrl", c.soapURL("m")), soap.Flag("passwordExpired", false), soap.Flag("sandbox", true),
		soap.Text("serverUrl", c.soapURL(map[soap.Dialect]string{soap.Partner: "u", soap.Enterprise: "c"}[c.soap.dialect])),
		soap.Text("sessionId", session), soap.Text("userId", user.id), soap.Group("userInfo", c.userInfo(user)...),
	))
}

// soapURL is the address of one of the SOAP APIs for sessions of this org.
func (c *call) soapURL(api string) string {
	return c.origin() + "/services/Soap/" + api + "/" + c.soap.version + "/" + shortID(c.org.id)
}

func (c *call) soapLogout() *Error {
	c.org.sessions.expire(c.token())
	return c.answerSOAP()
}

func (c *call) soapTimestamp() *Error {
	return c.answerSOAP(soap.Group("result", soap.Text("timestamp", c.org.clock.Now().Format("2006-01-02T15:04:05.000Z"))))
}

func (c *call) soapUserInfo() *Error {
	user, _ := c.org.profile(c.user)
	return c.answerSOAP(soap.Group("result", c.userInfo(user)...))
}

// userInfo is what the SOAP API tells of a user and of the org.
func (c *call) userInfo(user profile) []soap.Node {
	const largestAttachment = 5 << 20
	org, persons := c.org.aboutOrg()
	return []soap.Node{
		soap.Flag("accessibilityMode", false), soap.Flag("chatterExternal", false), soap.Text("currencySymbol", "$"),
		soap.Number("orgAttachmentFileSizeLimit", largestAttachment), soap.Text("orgDefaultCurrencyIsoCode", "USD"),
		soap.Text("orgDefaultCurrencyLocale", "en_US"), soap.Flag("orgDisallowHtmlAttachments", false),
		soap.Flag("orgHasPersonAccounts", persons), soap.Text("organizationId", c.org.id), soap.Flag("organizationMultiCurrency", false),
		soap.Text("organizationName", org), soap.Optional("profileId", user.profile), soap.Optional("roleId", user.role),
		soap.Number("sessionSecondsValid", int(c.org.sessions.timeout()/time.Second)), soap.Optional("userDefaultCurrencyIsoCode", ""),
		soap.Text("userEmail", user.email), soap.Text("userFullName", user.name), soap.Text("userId", user.id),
		soap.Text("userLanguage", user.language), soap.Text("userLocale", user.locale), soap.Text("userName", user.username),
		soap.Text("userTimeZone", user.timezone), soap.Text("userType", user.kind), soap.Text("userUiSkin", "Theme3"),
	}
}

// aboutOrg is the org's name, and whether persons can be accounts in it.
func (o *Org) aboutOrg() (name string, persons bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	persons = o.enabled(schema.PersonAccounts)
	obj, row, err := o.locate(o.id)
	if err != nil {
		return "", persons
	}
	if f, ok := obj.field("Name"); ok {
		name, _ = f.value(&row).(string)
	}
	return name, persons
}
