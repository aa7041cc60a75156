package sandbox

const homePageText = `
{{define "home"}}<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Salesforce sandbox</title><style>
:root{color-scheme:light dark;--bg:light-dark(#fbfbfc,#0e0f11);--card:light-dark(#fff,#16171a);--line:light-dark(#e7e8ec,#2a2c31);--text:light-dark(#16181d,#eceef2);
--muted:light-dark(#646a78,#969cab);--faint:light-dark(#f3f4f6,#202227);--accent:light-dark(#5b5bd6,#9a9af5);--warn:light-dark(#a15c07,#f0b429)}
*{box-sizing:border-box;margin:0}body{font:14px/1.5 Inter,system-ui,sans-serif;background:var(--bg);color:var(--text)}
main{max-width:1080px;margin:0 auto;padding:40px 24px;display:grid;gap:20px;grid-template-columns:repeat(2,minmax(0,1fr))}
header,.wide{grid-column:1/-1}h1{font-size:22px;font-weight:620;letter-spacing:-.02em}h2{font-size:15px;font-weight:600;margin-bottom:10px}
p,.muted{color:var(--muted)}.card{background:var(--card);border-radius:10px;box-shadow:0 1px 2px rgb(16 18 24/.05),0 0 0 1px var(--line);padding:16px 20px;overflow:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-top:1px solid var(--line)}tr:first-child>*{border-top:0}
th{font-weight:500;color:var(--muted)}.num{text-align:right;font-variant-numeric:tabular-nums;padding-right:0}.bad{color:var(--warn)}
code,pre{font:12.5px/1.6 ui-monospace,monospace;background:var(--faint);border-radius:6px}code{padding:1px 5px}pre{padding:12px 14px;overflow:auto}
a{color:var(--accent)}ul{padding-left:18px}summary{cursor:pointer;font-weight:600}details[open] summary{margin-bottom:10px}
@media(max-width:760px){main{grid-template-columns:minmax(0,1fr)}}
</style></head><body><main>
<header><h1>Salesforce sandbox</h1><p>A simulated org, <code id="org">{{.Org}}</code>. Its clock says <code id="clock">{{.Now}}</code>{{if .Frozen}}, frozen{{end}}{{if .Skew}}, {{.Skew}} off this machine's{{end}}.</p></header>

<section class="card"><h2>Connect</h2><table id="connect">
<tr><th scope="row">Login and instance URL</th><td><code>{{.Origin}}</code></td></tr>
<tr><th scope="row">Users</th><td>{{range .Users}}{{if .Active}}<code>{{.Username}}</code> {{end}}{{end}}{{if .MoreUsers}}<span class="muted">and {{.MoreUsers}} more</span>{{end}}</td></tr>
<tr><th scope="row">Password of all</th><td><code>{{.Password}}</code></td></tr>
<tr><th scope="row">Client id, secret</th><td><code>{{.ClientID}}</code> <code>{{.ClientSecret}}</code></td></tr></table></section>

<section class="card"><h2>Served</h2><ul>
<li>OAuth: web server flow with PKCE, refresh, JWT bearer, client credentials, password</li>
<li>REST API 50.0 to 67.0: records, collections, composite, graph, batch, tree, describe</li>
<li>SOQL and SOSL; Bulk API 2.0; Tooling API and SOAP, in part</li>
<li>Faults, a settable clock, snapshots and the org's true history, below <code>/__sandbox</code></li>
</ul><p>docs/sandbox.md lists every resource, and what is refused.</p></section>

<section class="card wide"><h2>Try it</h2><pre>
# an access token, and a query with it
TOKEN=$(curl -s {{.Origin}}/services/oauth2/token -d grant_type=password -d client_id={{.ClientID}} -d client_secret={{.ClientSecret}} \
  -d username={{.Admin}} -d password={{.Password}} | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl -H "Authorization: Bearer $TOKEN" "{{.Origin}}/services/data/v67.0/query?q=SELECT+Id,Name+FROM+Lead+LIMIT+5"

# the Salesforce CLI
SF_ACCESS_TOKEN=$TOKEN sf org login access-token --instance-url {{.Origin}} --alias sandbox --no-prompt
sf data query --target-org sandbox --query "SELECT Id, Name FROM Lead LIMIT 5"</pre></section>

<section class="card"><h2>Records</h2>{{if .Objects}}<table id="objects">{{range .Objects}}<tr><th scope="row">{{.Name}}</th><td class="num">{{.Records}}</td></tr>{{end}}</table>
<p>Those in the recycle bin are counted too.</p>{{else}}<p>None yet.</p>{{end}}</section>

<section class="card"><h2>Requests</h2><p><span id="used">{{.Counts.APIUsed}} of {{.Counts.APILimit}} API requests in 24 hours.</span> <a href="/__sandbox/requests">All requests</a></p>
{{if .Requests}}<table id="requests">{{range .Requests}}<tr><td class="muted">{{.At}}</td><td>{{.Operation}} {{.Object}}</td><td class="muted">{{.Client}}</td><td class="num{{if .Bad}} bad{{end}}">{{.Status}}</td></tr>{{end}}</table>
{{else}}<p>No client has asked for anything yet.</p>{{end}}</section>

<section class="card"><h2>Faults</h2>{{if .Faults}}<table id="faults"><tr><th>No.</th><th>What</th><th class="num">struck</th><th class="num">to come</th></tr>
{{range .Faults}}<tr><td>{{.ID}}</td><td>{{.What}}</td><td class="num">{{.Struck}}</td><td class="num">{{.Left}}</td></tr>{{end}}</table>{{else}}<p>None is armed.</p>{{end}}
<p><a href="/__sandbox/faults">All faults and presets</a></p></section>

<section class="card"><h2>State</h2><table>
<tr><th scope="row"><a href="/__sandbox/commits">Uncommitted transactions</a></th><td class="num">{{.Commits}}</td></tr>
<tr><th scope="row"><a href="/__sandbox/locks">Locked records</a></th><td class="num">{{.Locks}}</td></tr>
<tr><th scope="row"><a href="/__sandbox/snapshots">Snapshots</a></th><td class="num">{{range .Snapshots}}{{.Name}} {{else}}none{{end}}</td></tr>
<tr><th scope="row"><a href="/__sandbox/history">Changes in commit order</a></th><td></td></tr>
<tr><th scope="row"><a href="/__sandbox/clock">Clock</a></th><td></td></tr></table></section>

<section class="card wide"><details><summary>The admin API</summary><p>No login. Records are changed on behalf of {{.Sales}} unless <code>?as=</code> names another user.</p><pre>
S={{.Origin}}/__sandbox
curl -X POST $S/clock -d '{"advance":"15m"}'                              # or "now", "freeze", "skew", "perRequest"
curl -X POST $S/records/Lead -d '{"LastName":"Doe","Company":"Acme","Email":"jo@acme.example"}'
curl $S/records/ID                                                        # PATCH and DELETE change it
curl -X POST $S/records/ID/undelete
curl $S/records/ID/history
curl -X POST $S/convert -d '{"leadId":"ID"}'
curl -X POST $S/merge -d '{"winner":"ID","losers":["ID"]}'
curl -X POST $S/faults -d '{"operation":"update","nth":3,"status":503}'
curl -X POST $S/faults -d '{"operation":"create","drop":"after"}'           # committed, but no answer
curl -X POST $S/faults -d '{"operation":"create","commitAfter":"5m"}'       # seen five minutes later
curl -X POST $S/faults -d '{"afterRead":"ID","edit":{"fields":{"Title":"CFO"}}}'
curl -X POST $S/faults -d '{"preset":"apiLimit","times":-1}'
curl -X DELETE $S/faults
curl -X POST $S/visibility -d '{"delay":"30s"}'
curl -X POST $S/locks -d '{"id":"ID","for":"10s"}'
curl -X POST $S/snapshots -d '{"name":"start"}'
curl -X POST $S/snapshots/start/restore
curl -X POST $S/triggers -d '{"object":"Lead","field":"Phone","apply":"digits"}'
curl -X POST $S/duplicateRules -d '[{"object":"Lead","field":"Email","against":["Lead","Contact"]}]'
curl -X POST $S/fields/Lead -d '{"name":"Tier__c","type":"string","length":20}'
curl "$S/requests?operation=update"
curl "$S/history?since=0&amp;object=Lead"
curl -X POST $S/sessions/expire
</pre></details></section>
</main></body></html>{{end}}`
