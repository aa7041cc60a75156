package directory

import (
	"context"

	"conversion"
	"conversion/internal/reconcile"
)

// Standing is one claim for a variable, and what became of it.
type Standing struct {
	reconcile.Standing
	Read conversion.Moment // a formula or roll-up: when it was last read, at least; 0 otherwise
}

// History is why a variable has its value, and how it got there (spec 7.2).
type History struct {
	Variable conversion.Variable
	Claims   []Standing          // the value's first; none for an e-mail address
	Changes  []conversion.Change // a page, newest first
	Next     string              // cursor of the next page, "" at the end
}

// History explains the value of one variable of a contact or company, live or deleted. A
// CodeInvalid error names "variable" when there is none of the key.
func (s *Service) History(ctx context.Context, workspaceID string, kind conversion.Kind, id, key, after string, limit int) (History, error) {
	limit, err := checkLimit(limit)
	if err != nil {
		return History{}, err
	}
	books := s.open(workspaceID)
	group, err := load(ctx, books, kind, id)
	if err != nil {
		return History{}, err
	}
	schema, err := schemaOf(ctx, books, kind)
	if err != nil {
		return History{}, err
	}
	v := schema.ByKey(key)
	if v == nil {
		return History{}, conversion.Invalid("variable", "there is no such variable")
	}
	h := History{Variable: *v}
	if h.Claims, err = standings(ctx, books, group, v); err != nil {
		return History{}, err
	}
	h.Changes, h.Next, err = books.TimelineOf(ctx, group.Entity.ID, v.ID, after, limit)
	return h, err
}

func standings(ctx context.Context, books Books, g conversion.Group, v *conversion.Variable) (claims []Standing, err error) {
	ages, err := agesOf(ctx, books, *v)
	if err != nil {
		return nil, err
	}
	read := make(map[conversion.Ref]conversion.Moment, len(g.Links))
	for _, l := range g.Links {
		read[l.Ref] = ages.read(v, l)
	}
	for _, s := range reconcile.Explain(g, v) {
		claims = append(claims, Standing{s, read[s.From]})
	}
	return claims, nil
}
