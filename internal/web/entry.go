package web

import (
	"net"
	"net/http"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/web/page"
)

func (s *site) showSetUp(w http.ResponseWriter, r *http.Request, _ visitor) error {
	if err := s.People.CheckSetupLink(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	return render(w, r, http.StatusOK, page.SetUpPage(page.SetUp{Token: r.PathValue("token")}))
}

// setUp makes the first admin by the one-time link, signs them in and leads on to
// connecting (spec 2.5).
func (s *site) setUp(w http.ResponseWriter, r *http.Request, _ visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	admin := account.Admin{Name: form.Get("name"), Email: form.Get("email"), Password: form.Get("password")}
	member, err := s.People.SetUp(r.Context(), token, admin)
	if problem, ok := problemOf(err); ok {
		return render(w, r, status(err), page.SetUpPage(page.SetUp{Token: token, Name: admin.Name, Email: admin.Email, Problem: problem}))
	}
	if err != nil {
		return err
	}
	if err := s.enter(r, member); err != nil {
		return err
	}
	return s.done(w, r, "/settings/integrations", "Welcome. Connect Salesforce to begin.")
}

func (s *site) showSignIn(w http.ResponseWriter, r *http.Request, v visitor) error {
	next := ownPath(r.URL.Query().Get("next"))
	if v.signedIn() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return render(w, r, http.StatusOK, page.SignInPage(page.SignIn{Next: next}))
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request, _ visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	email, next := form.Get("email"), ownPath(form.Get("next"))
	member, err := s.People.SignIn(r.Context(), email, form.Get("password"), address(r))
	if problem, ok := problemOf(err); ok {
		return render(w, r, status(err), page.SignInPage(page.SignIn{Email: email, Next: next, Problem: problem}))
	}
	if err != nil {
		return err
	}
	if err := s.enter(r, member); err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// enter signs the member in under a new token: one planted before is worth nothing.
func (s *site) enter(r *http.Request, member conversion.Member) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionMember, member.ID)
	return nil
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request, _ visitor) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

// address is where the request comes from on the network.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
