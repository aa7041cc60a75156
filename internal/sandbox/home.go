package sandbox

import "net/http"

// homePage tells whoever opens the origin what this is and how to use it.
func (c *call) homePage() *Error {
	if c.request.Method != http.MethodGet {
		return notFound()
	}
	return c.showPage(http.StatusOK, "home", map[string]any{
		"Origin": c.origin(), "Org": c.org.id, "Now": c.org.clock.Now().Format("2006-01-02 15:04:05 MST"),
		"User": AdminUser, "Password": AdminPassword, "ClientID": ClientID, "ClientSecret": ClientSecret, "Sales": SalesUser,
	})
}

const homePageText = `
{{define "home"}}{{template "head" "Home"}}<main class="wide"><h1>Salesforce sandbox</h1>
<p>A simulated Salesforce org, {{.Org}}. Its clock says {{.Now}}.</p>
<p>Instance and login URL <code>{{.Origin}}</code>, user <code>{{.User}}</code> (or <code>{{.Sales}}</code>), password <code>{{.Password}}</code>,
client id <code>{{.ClientID}}</code>, client secret <code>{{.ClientSecret}}</code>.</p>
<h2>Admin API</h2><p>No login. Records are changed on behalf of {{.Sales}} unless <code>?as=</code> names another user.</p><pre>
curl {{.Origin}}/__sandbox/clock
curl -X POST {{.Origin}}/__sandbox/clock -d '{"advance":"15m"}'        # or {"now":"2026-01-31T09:00:00Z"}, {"freeze":true}
curl -X POST {{.Origin}}/__sandbox/records/Lead -d '{"LastName":"Doe","Company":"Acme","Email":"jo@acme.example"}'
curl {{.Origin}}/__sandbox/records/ID
curl -X PATCH {{.Origin}}/__sandbox/records/ID -d '{"Title":"CEO"}'
curl -X DELETE {{.Origin}}/__sandbox/records/ID
curl -X POST {{.Origin}}/__sandbox/records/ID/undelete
curl {{.Origin}}/__sandbox/records/ID/history
curl -X POST {{.Origin}}/__sandbox/convert -d '{"leadId":"ID"}'          # accountId, contactId, ownerId, overwriteLeadSource
curl -X POST {{.Origin}}/__sandbox/merge -d '{"winner":"ID","losers":["ID"]}'
curl -X POST {{.Origin}}/__sandbox/faults -d '{"operation":"update","nth":3,"status":503}'
curl -X POST {{.Origin}}/__sandbox/faults -d '{"operation":"create","drop":"after"}'   # committed, but no answer
curl -X POST {{.Origin}}/__sandbox/faults -d '{"operation":"update","edit":{"id":"ID","fields":{"Title":"CFO"}}}'
curl -X DELETE {{.Origin}}/__sandbox/faults
curl -X POST {{.Origin}}/__sandbox/triggers -d '{"object":"Lead","field":"Phone","apply":"digits"}'   # or "set":"value"
curl -X POST {{.Origin}}/__sandbox/duplicateRules -d '[{"object":"Lead","field":"Email","against":["Lead","Contact"]}]'
curl -X POST {{.Origin}}/__sandbox/fields/Lead -d '{"name":"Tier__c","type":"string","length":20}'
curl -X PATCH {{.Origin}}/__sandbox/fields/Lead/Tier__c -d '{"hidden":true}'
curl -X DELETE {{.Origin}}/__sandbox/fields/Lead/Tier__c
curl {{.Origin}}/__sandbox/requests
curl {{.Origin}}/__sandbox/jwt-key                                       # private key for JWT bearer
curl -X POST {{.Origin}}/__sandbox/apps -d '{"clientId":"mine","clientSecret":"s"}'
curl -X PATCH {{.Origin}}/__sandbox/oauth -d '{"rotateRefreshTokens":true,"sessionTimeout":"15m"}'
curl -X POST {{.Origin}}/__sandbox/sessions/expire
curl -X POST {{.Origin}}/__sandbox/tokens/revoke
</pre></main></body></html>{{end}}`
