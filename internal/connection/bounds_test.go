package connection_test

import (
	"errors"
	"testing"

	"conversion"
)

// TestEveryNumberOfTheOptionsHasBounds holds that one outside is refused by its name, and
// changes nothing: what keeps the sync safe cannot be switched off by a number.
func TestEveryNumberOfTheOptionsHasBounds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.process()
	before, err := s.Options(t.Context(), workspace)
	must(t, err)
	for field, bound := range map[string]struct {
		number      func(*conversion.Options) *int
		least, most int
	}{
		"api_share_percent":       {func(o *conversion.Options) *int { return &o.APISharePercent }, 1, 95},
		"unknown_outcome_minutes": {func(o *conversion.Options) *int { return &o.UnknownOutcomeMinutes }, 1, 1440},
		"max_deletions":           {func(o *conversion.Options) *int { return &o.MaxDeletions }, 1, 1_000_000},
		"max_deletions_percent":   {func(o *conversion.Options) *int { return &o.MaxDeletionsPercent }, 1, 100},
		"max_changed_percent":     {func(o *conversion.Options) *int { return &o.MaxChangedPercent }, 1, 100},
		"retention_days":          {func(o *conversion.Options) *int { return &o.RetentionDays }, 1, 36_500},
		"overlap_minutes":         {func(o *conversion.Options) *int { return &o.OverlapMinutes }, 10, 1440},
		"refresh_hours":           {func(o *conversion.Options) *int { return &o.RefreshHours }, 1, 720},
	} {
		for _, number := range []int{bound.least, bound.most} {
			options := before
			*bound.number(&options) = number
			must(t, s.SetOptions(t.Context(), workspace, admin, options))
		}
		must(t, s.SetOptions(t.Context(), workspace, admin, before))
		for _, number := range []int{bound.least - 1, bound.most + 1} {
			options := before
			*bound.number(&options) = number
			err := s.SetOptions(t.Context(), workspace, admin, options)
			if told, ok := errors.AsType[*conversion.Error](err); !ok || told.Code != conversion.CodeInvalid || told.Fields[0].Field != field {
				t.Errorf("%d: %v, want it to name %s", number, err, field)
			}
			after, err := s.Options(t.Context(), workspace)
			if must(t, err); *bound.number(&after) != *bound.number(&before) {
				t.Errorf("%s: %d was refused and is there", field, number)
			}
		}
	}
}
