package web

import (
	"context"
	"net/http"
	"slices"

	"conversion"
)

// waiting returns what the breaker holds back until an admin decides (spec 4.11).
func (s *site) waiting(ctx context.Context, workspaceID string) ([]conversion.Approval, error) {
	found, err := s.Journal(workspaceID).Approvals(ctx, s.moment())
	decided := func(a conversion.Approval) bool { return a.Decided != 0 }
	return slices.DeleteFunc(found, decided), err
}

// decideApproval takes the button that was pressed for the decision.
func (s *site) decideApproval(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	var notice string
	decision := form.Get("decision")
	switch decision {
	case "approve":
		notice = "Approved. It goes on within seconds."
	case "refuse":
		notice = "Refused. It is left undone."
	default:
		return conversion.Invalid("decision", "is neither approve nor refuse")
	}
	err = s.Journal(v.WorkspaceID).DecideApproval(r.Context(), r.PathValue("id"), decision == "approve", v.actor(), s.moment())
	return s.carryOut(w, r, notice, err)
}

func (s *site) moment() conversion.Moment { return conversion.MomentOf(s.Now()) }
