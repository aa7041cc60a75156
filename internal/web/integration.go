package web

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"conversion"
	"conversion/internal/connection"
	"conversion/internal/web/page"
)

const (
	integrationPath = "/settings/integrations"
	recentRuns      = 24
)

func (s *site) showIntegration(w http.ResponseWriter, r *http.Request, v visitor) error {
	status, err := s.Connections.Status(r.Context(), v.WorkspaceID)
	if err != nil {
		return err
	}
	form := s.connectForm(status)
	form.Problem = s.takeProblem(r)
	return s.integrationPage(w, r, v, http.StatusOK, form, form.Problem)
}

// integrationPage shows the integration beside the form as it was filled in.
func (s *site) integrationPage(w http.ResponseWriter, r *http.Request, v visitor, code int, form page.Connect, problem *page.Problem) error {
	live, err := s.snapshot(r, v)
	if err != nil {
		return err
	}
	rules, err := s.rulesForm(r, v)
	if err != nil {
		return err
	}
	p := page.Integration{
		Frame: s.frame(r, v, page.SectionIntegrations, "Integrations"),
		Live:  live, Connect: form, Rules: rules, Problem: problem,
	}
	p.Crumb, p.Lead = page.Crumb{Text: "Settings"}, "Keep contacts and companies aligned between Conversion and your CRM."
	return render(w, r, code, page.IntegrationPage(p))
}

// snapshot is the live part of the page as it stands now.
func (s *site) snapshot(r *http.Request, v visitor) (page.Live, error) {
	status, err := s.Connections.Status(r.Context(), v.WorkspaceID)
	if err != nil {
		return page.Live{}, err
	}
	options, err := s.Settings.Options(r.Context(), v.WorkspaceID)
	if err != nil {
		return page.Live{}, err
	}
	runs, _, err := s.Journal(v.WorkspaceID).Runs(r.Context(), conversion.RunFilter{Limit: recentRuns})
	if err != nil {
		return page.Live{}, err
	}
	approvals, err := s.waiting(r.Context(), v.WorkspaceID)
	if err != nil {
		return page.Live{}, err
	}
	return page.Live{
		Now: s.Now(), Status: status.Status, Held: status.Held, Message: status.Message, Hint: status.Hint,
		OrgName: status.Org.Name, Host: hostOf(status.Org.InstanceURL), Sandbox: status.Org.Sandbox, User: status.Org.UserName,
		LoginURL:   status.LoginURL,
		LastSynced: status.LastSynced, NextSync: status.NextSync, Interval: time.Duration(options.IntervalMinutes) * time.Minute,
		Progress: status.Progress, Left: status.ETA, Rate: int(status.PerSecond),
		Used: status.API.Used, Limit: status.API.Limit, Budget: status.API.Budget, Runs: runs, Approvals: approvals,
	}, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// connectForm offers what was entered last, or what the installation is set up with.
func (s *site) connectForm(status connection.StatusView) page.Connect {
	form := page.Connect{
		ClientID: status.ClientID, CallbackURL: s.origin + connection.CallbackPath,
		Reconnecting: status.Status == conversion.StatusReconnect,
	}
	form.HasClient = s.HasClient || form.Reconnecting
	address := status.LoginURL
	if address == "" {
		address = s.LoginURL
	}
	switch hostOf(address) {
	case "", "login.salesforce.com":
		form.Environment = page.EnvironmentProduction
	case "test.salesforce.com":
		form.Environment = page.EnvironmentSandbox
	default:
		form.Environment, form.LoginURL = page.EnvironmentCustom, address
	}
	return form
}

// connect leads to Salesforce's login, or says on the page why it cannot.
func (s *site) connect(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if form.Get("environment") == page.EnvironmentCustom && strings.TrimSpace(form.Get("login_url")) == "" {
		// An empty address would mean production, which was not chosen.
		problem, _ := problemOf(conversion.Invalid("login_url", "enter your My Domain address"))
		return s.refuseConnect(w, r, v, http.StatusUnprocessableEntity, form, problem)
	}
	in := connection.BeginInput{
		LoginURL: loginURL(form), ClientID: form.Get("client_id"), ClientSecret: form.Get("client_secret"),
		SessionHash: s.sessionHash(r), ConfirmNewOrg: form.Get("confirm_new_org") == "true",
	}
	authorize, err := s.Connections.Begin(r.Context(), v.WorkspaceID, in)
	if problem, ok := problemOf(err); ok {
		return s.refuseConnect(w, r, v, status(err), form, problem)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, authorize, http.StatusSeeOther)
	return nil
}

func loginURL(form url.Values) string {
	if environment := form.Get("environment"); environment != page.EnvironmentCustom {
		return environment
	}
	return form.Get("login_url")
}

// refuseConnect shows the form again as it was filled in, without the secret.
func (s *site) refuseConnect(w http.ResponseWriter, r *http.Request, v visitor, code int, form url.Values, problem *page.Problem) error {
	status, err := s.Connections.Status(r.Context(), v.WorkspaceID)
	if err != nil {
		return err
	}
	shown := s.connectForm(status)
	shown.Environment, shown.LoginURL, shown.ClientID = form.Get("environment"), form.Get("login_url"), form.Get("client_id")
	shown.Problem = problem
	return s.integrationPage(w, r, v, code, shown, problem)
}

// callback is where Salesforce's login sends the browser. What went wrong is said on the
// page, which a reload then shows without trying the spent login again.
func (s *site) callback(w http.ResponseWriter, r *http.Request, v visitor) error {
	query := r.URL.Query()
	_, err := s.Connections.Callback(r.Context(), v.actor(), connection.CallbackInput{
		State: query.Get("state"), Code: query.Get("code"), SessionHash: s.sessionHash(r), WorkspaceID: v.WorkspaceID,
		Error: query.Get("error"), ErrorDescription: query.Get("error_description"),
	})
	if problem, ok := problemOf(err); ok {
		problem.Conflict = conversion.ErrorCode(err) == conversion.CodeConflict
		s.keepProblem(r, problem)
		http.Redirect(w, r, integrationPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return s.done(w, r, integrationPath, "Connected. The first sync has begun.")
}

// sessionHash binds a started login to the session that started it.
func (s *site) sessionHash(r *http.Request) []byte {
	hash := sha256.Sum256([]byte(s.sessions.Token(r.Context())))
	return hash[:]
}

// keepProblem leaves a problem for the next page.
func (s *site) keepProblem(r *http.Request, problem *page.Problem) {
	if kept, err := json.Marshal(problem); err == nil {
		s.sessions.Put(r.Context(), sessionProblem, string(kept))
	}
}

// takeProblem returns the problem that was left, once; nil when there is none.
func (s *site) takeProblem(r *http.Request) *page.Problem {
	kept := s.sessions.PopString(r.Context(), sessionProblem)
	var problem page.Problem
	if kept == "" || json.Unmarshal([]byte(kept), &problem) != nil {
		return nil
	}
	return &problem
}

func (s *site) disconnect(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.carryOut(w, r, "Disconnected. Contacts, companies and their links are kept.",
		s.Connections.Disconnect(r.Context(), v.WorkspaceID, v.actor()))
}

func (s *site) pause(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.carryOut(w, r, "Paused", s.Connections.Pause(r.Context(), v.WorkspaceID, v.actor()))
}

func (s *site) resume(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.carryOut(w, r, "Resumed", s.Connections.Resume(r.Context(), v.WorkspaceID, v.actor()))
}

func (s *site) syncNow(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.carryOut(w, r, "Sync requested", s.Connections.SyncNow(r.Context(), v.WorkspaceID))
}

// carryOut leads back to the page with what came of a button: the notice, or the problem.
func (s *site) carryOut(w http.ResponseWriter, r *http.Request, notice string, err error) error {
	if problem, ok := problemOf(err); ok {
		s.keepProblem(r, problem)
		http.Redirect(w, r, integrationPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return s.done(w, r, integrationPath, notice)
}
