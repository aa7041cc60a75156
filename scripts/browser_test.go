package scripts

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"conversion/internal/testkit/browser"
)

// screenshots names the environment variable with a folder to keep pictures of the pages
// in, for people to look at; without it none are taken.
const screenshots = "SCREENSHOTS"

// What a stranger does in the first five minutes: connect the demo's org in a browser,
// watch the first sync, change a rule, edit a contact, and see the Lead change in
// Salesforce.
func TestAStrangerSeesALeadChangeInSalesforce(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	lead := demo.insertLead(t)
	b := &visit{t: t, tab: browser.Chromium(t, 3*time.Minute), url: demo.url}

	b.open("/sign-in")
	b.typeIn(`input[name="email"]`, demo.email)
	b.typeIn(`input[name="password"]`, demo.password)
	b.click("#sign-in")
	b.waitFor("the pages behind the sign-in", `document.querySelector("#nav") !== null`)
	b.open("/settings/integrations")
	b.picture("connect")
	b.click("#connect")

	b.typeIn(`input[name="username"]`, "admin@sandbox.test")
	b.typeIn(`input[name="password"]`, "sandbox")
	b.click(`button[type="submit"], form button`)
	b.waitFor("the consent page", `document.body.innerText.includes("Allow Access?")`)
	b.click(`button[value="allow"], form button`)

	b.waitFor("the first sync to finish", `document.querySelector("#status")?.dataset.status === "synced"`)
	b.waitFor("the time of the last sync", `/ago|just now|second/.test(document.querySelector("#status-when")?.textContent ?? "")`)

	b.click("#rules-open")
	b.picture("rules")
	b.click(`#rules-form input[name="contacts_updated"][value="all"]`)
	b.click("#rules-preview")
	b.waitFor("the preview", `document.querySelector("#figures [data-figure='updated']")?.textContent === "0"`)
	b.picture("preview")
	b.click("#preview-apply")
	b.waitFor("the rules to be saved", `/rules/i.test(document.querySelector("#notice")?.textContent ?? "")`)

	b.open("/contacts?q=stranger")
	b.waitFor("the contact in the list", `document.querySelector("#list a[href^='/contacts/']") !== null`)
	b.picture("contacts")
	b.click("#list a[href^='/contacts/']")
	b.waitFor("the contact's page", `document.querySelector("#links-title") !== null`)
	b.picture("contact")
	b.click("#edit")
	b.replace(`[name="variables.job_title"]`, "Head of Operations")
	b.click("#save")
	b.waitFor("the contact's page", `document.querySelector("[data-variable='job_title']")?.textContent.includes("Head of Operations")`)

	b.eventually("the Lead to change in Salesforce", func() bool {
		b.navigate(demo.org + "/lightning/r/Lead/" + lead + "/view")
		return b.holds(`document.querySelector("[data-field='Title']")?.textContent === "Head of Operations"`)
	})
	b.picture("lead")
	b.open("/activity")
	b.picture("activity")
	b.open("/settings/integrations")
	b.picture("integrations")
}

// visit is a person at a browser.
type visit struct {
	t   *testing.T
	tab context.Context
	url string
}

func (v *visit) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.tab, steps...); err != nil {
		text, _ := chromedp.Run(v.tab, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
		v.t.Fatalf("%s: %v; the page says:\n%s", what, err, text)
	}
}

func (v *visit) open(path string) { v.t.Helper(); v.navigate(v.url + path) }

func (v *visit) navigate(url string) {
	v.t.Helper()
	v.do("open "+url, chromedp.Navigate(url))
}

func (v *visit) typeIn(selector, text string) {
	v.t.Helper()
	v.do("type into "+selector, chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

func (v *visit) replace(selector, text string) {
	v.t.Helper()
	v.do("fill in "+selector, chromedp.WaitVisible(selector), chromedp.SetValue(selector, text))
}

func (v *visit) click(selector string) {
	v.t.Helper()
	v.do("click "+selector, chromedp.WaitVisible(selector), chromedp.Click(selector))
}

// holds reports whether a JavaScript condition is true of the page now.
func (v *visit) holds(condition string) bool {
	true_, err := chromedp.Run(v.tab, chromedp.Evaluate[bool](condition+" === true"))
	return err == nil && true_
}

// waitFor waits until the condition holds, across page loads.
func (v *visit) waitFor(what, condition string) {
	v.t.Helper()
	v.eventually(what, func() bool { return v.holds("(" + condition + ")") })
}

func (v *visit) eventually(what string, done func() bool) {
	v.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if done() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := chromedp.Run(v.tab, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	v.t.Fatalf("waited in vain for %s; the page says:\n%s", what, text)
}

// picture keeps a picture of the page, when somebody wants to look.
func (v *visit) picture(name string) {
	v.t.Helper()
	folder := os.Getenv(screenshots)
	if folder == "" {
		return
	}
	v.waitFor("the page to be laid out", `document.readyState === "complete" && document.documentElement.scrollWidth > 0`)
	png, err := chromedp.Run(v.tab, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// insertLead puts a lead into the demo's org, as somebody in Salesforce would.
func (d *demo) insertLead(t *testing.T) string {
	t.Helper()
	body := `{"FirstName":"Sam","LastName":"Stranger","Company":"Acme","Email":"stranger@acme.example","Title":"Clerk"}`
	response, err := http.Post(d.org+"/__sandbox/records/Lead", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var made struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&made); err != nil || made.ID == "" {
		t.Fatalf("make a lead: %d, %v", response.StatusCode, err)
	}
	return made.ID
}
