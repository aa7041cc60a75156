package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

// ages tell how old formulas and roll-ups are: they change without their record, so that a
// value is as good as its last reading (spec 6).
type ages struct {
	refreshes map[conversion.Object]conversion.Round
}

// agesOf reads what is needed to tell ages; nothing when none of the variables is worked
// out by Salesforce.
func agesOf(ctx context.Context, books Books, variables ...conversion.Variable) (ages, error) {
	if !slices.ContainsFunc(variables, derived) {
		return ages{}, nil
	}
	rounds, err := books.Rounds(ctx)
	if err != nil {
		return ages{}, fmt.Errorf("read when formulas were refreshed: %w", err)
	}
	a := ages{make(map[conversion.Object]conversion.Round)}
	for _, r := range rounds {
		if r.Work == conversion.WorkRefresh {
			a.refreshes[r.Object] = r
		}
	}
	return a, nil
}

func derived(v conversion.Variable) bool {
	return slices.ContainsFunc(v.Fields, conversion.Field.Derived)
}

// read returns when the variable was last read on the link's record, as far as is known: at
// least then. 0 for what is no formula there, and so is read whenever it changes.
func (a ages) read(v *conversion.Variable, l *conversion.Link) conversion.Moment {
	f, ok := v.On(l.Ref.Object)
	state := l.Field(v.ID)
	if !ok || !f.Derived() || state == nil {
		return 0
	}
	at := state.Reading.Asked
	if r := a.refreshes[l.Ref.Object]; l.Live() && covers(r, f.Name, l.Ref.ID) {
		at = max(at, r.Began)
	}
	return at
}

// covers reports whether the round read the field of the record. One that compared nothing
// only stands for a first load.
func covers(r conversion.Round, field, recordID string) bool {
	through := r.Ended != 0 || recordID <= r.After
	return r.Found.Compared > 0 && through && slices.Contains(strings.Fields(r.Scope), field)
}

// tellAges notes on a view's formulas when they were last read.
func tellAges(ctx context.Context, books Books, g conversion.Group, view *View) error {
	var formulas []conversion.Variable
	for _, value := range view.Values {
		if derived(*value.Variable) {
			formulas = append(formulas, *value.Variable)
		}
	}
	ages, err := agesOf(ctx, books, formulas...)
	if err != nil {
		return err
	}
	for i := range view.Values {
		value := &view.Values[i]
		if l := claimant(g, value.Variable.ID); l != nil {
			value.Read = ages.read(value.Variable, l)
		}
	}
	return nil
}

// claimant returns the link whose claim is the variable's value, nil when there is none.
func claimant(g conversion.Group, id conversion.VarID) *conversion.Link {
	for _, r := range g.Entity.Values {
		for _, l := range g.Links {
			if r.Var == id && l.Ref == r.From {
				return l
			}
		}
	}
	return nil
}
