package web

import (
	"net/http"
	"net/url"
	"strings"

	"conversion"
	"conversion/internal/web/page"
)

func (s *site) showRules(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := s.rulesForm(r, v)
	if err != nil {
		return err
	}
	return s.rulesPage(w, r, v, http.StatusOK, form)
}

func (s *site) rulesPage(w http.ResponseWriter, r *http.Request, v visitor, code int, form page.Rules) error {
	form.Frame = s.frame(r, v, page.SectionIntegrations, "Syncing rules to Salesforce")
	form.Lead = "Choose what happens in Salesforce when something changes in Conversion."
	form.Crumb = page.Crumb{Text: "Integrations", Path: integrationPath}
	return render(w, r, code, page.RulesPage(form))
}

// rulesForm is the form filled with the rules as they are.
func (s *site) rulesForm(r *http.Request, v visitor) (page.Rules, error) {
	rules, err := s.Settings.Rules(r.Context(), v.WorkspaceID)
	if err != nil {
		return page.Rules{}, err
	}
	required, err := s.requiredFields(r, v)
	return page.Rules{Chosen: rules, Defaults: page.Defaults(required, rules.Defaults)}, err
}

// requiredFields are the fields Salesforce demands of a new record, as describe has them.
func (s *site) requiredFields(r *http.Request, v visitor) ([]conversion.Field, error) {
	var required []conversion.Field
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		variables, err := s.Directory.Variables(r.Context(), v.WorkspaceID, kind)
		if err != nil {
			return nil, err
		}
		for _, variable := range variables {
			for _, field := range variable.Fields {
				if field.Required && field.Live() {
					required = append(required, field)
				}
			}
		}
	}
	return required, nil
}

// saveRules replaces the rules by the form's. Defaults of fields the form does not show
// stay as they are. What applies to the past too is shown first (spec 5.2).
func (s *site) saveRules(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if form.Get("existing") != "" {
		return s.toPreview(w, r, v, form)
	}
	shown, err := s.rulesForm(r, v)
	if err != nil {
		return err
	}
	rules := rulesOf(form, shown.Chosen)
	err = s.Settings.SetRules(r.Context(), v.WorkspaceID, v.actor(), rules)
	if err != nil {
		return s.refusedRules(w, r, v, shown, rules, err)
	}
	return s.done(w, r, integrationPath, "Rules saved")
}

// refusedRules shows the form again as it was filled in, with what is wrong with it.
func (s *site) refusedRules(w http.ResponseWriter, r *http.Request, v visitor, shown page.Rules, rules conversion.Rules, err error) error {
	problem, ok := problemOf(err)
	if !ok {
		return err
	}
	shown.Problem = problem
	for i, d := range shown.Defaults {
		shown.Defaults[i].Value = rules.Defaults[d.Field]
	}
	return s.rulesPage(w, r, v, status(err), shown)
}

// rulesOf reads the form over the rules as they were.
func rulesOf(form url.Values, before conversion.Rules) conversion.Rules {
	rules := before
	for _, setting := range conversion.RuleSettings {
		*rules.Get(setting.Key) = conversion.Target(form.Get(setting.Key))
	}
	rules.Defaults = map[string]string{}
	for field, value := range before.Defaults {
		rules.Defaults[field] = value
	}
	for input := range form {
		field, ok := strings.CutPrefix(input, "defaults.")
		if value := strings.TrimSpace(form.Get(input)); ok && value != "" {
			rules.Defaults[field] = value
		} else if ok {
			delete(rules.Defaults, field)
		}
	}
	return rules
}
