package directory

import (
	"context"
	"errors"
	"fmt"

	"conversion"
)

// KeyTaken says whose the e-mail or domain is that somebody wished for. It is the cause of
// a CodeConflict error.
type KeyTaken struct {
	Kind     conversion.Kind
	EntityID string // has it, or has a live record with it
}

// Error implements error.
func (e *KeyTaken) Error() string { return fmt.Sprintf("%s %s has it", e.Kind, e.EntityID) }

// TakenBy returns the id of the entity that has the wished e-mail or domain, when err says
// so.
func TakenBy(err error) (id string, ok bool) {
	taken, ok := errors.AsType[*KeyTaken](err)
	if !ok {
		return "", false
	}
	return taken.EntityID, true
}

func keyTaken(by *conversion.Entity) error {
	taken, field := &KeyTaken{by.Kind, by.ID}, keyField(by.Kind)
	return &conversion.Error{
		Code:    conversion.CodeConflict,
		Message: fmt.Sprintf("Another %s has this %s.", by.Kind, keyWord(by.Kind)),
		Fields:  []conversion.FieldError{{Field: field, Message: taken.Error()}},
		Err:     taken,
	}
}

// keyWord is what people call the field of keyField.
func keyWord(k conversion.Kind) string {
	if k == conversion.KindContact {
		return "e-mail"
	}
	return "domain"
}

// claimKey reports a CodeConflict error when the edit's key is somebody else's.
func (d *desk) claimKey(e *edit) error {
	if e.key == nil || *e.key == e.group.Entity.Key {
		return nil
	}
	if by := d.taken(*e.key, e.group.Entity); by != nil {
		return keyTaken(by)
	}
	return nil
}

// Update changes one live contact or company and shows it as it is then. Errors: a
// CodeNotFound one; a CodeInvalid one that names every field that is wrong, variables that
// only Salesforce changes included when a record is linked; a CodeConflict one when the
// e-mail or domain is another's (see TakenBy; spec 9).
func (s *Service) Update(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, p Patch) (View, error) {
	return s.changed(ctx, workspaceID, kind, func(set settings, books Books) (g conversion.Group, sends bool, err error) {
		desk, f, err := set.patch(ctx, books, id, actor, p)
		if err != nil {
			return g, false, err
		}
		sends, err = desk.commit(ctx, books, set.now)
		return f.group, sends, err
	})
}

// patch reads the entity and makes the patch on it, uncommitted.
func (s settings) patch(ctx context.Context, books Books, id string, actor conversion.Actor, p Patch) (*desk, *file, error) {
	w, err := s.patchWish(p, actor)
	if err != nil {
		return nil, nil, err
	}
	wishes := []wish{w}
	if missing, err := missingCompanies(ctx, books, wishes); err != nil {
		return nil, nil, err
	} else if len(missing) > 0 {
		return nil, nil, noCompany()
	}
	w = wishes[0]
	desk, err := readDesk(ctx, books, s.schema.Kind, []string{id}, keysOf([]wish{w}))
	if err != nil {
		return nil, nil, err
	}
	f := desk.file(id)
	if f == nil || !f.group.Entity.Live() {
		return nil, nil, notFound(s.schema.Kind)
	}
	e := &edit{settings: s, wish: w, group: f.group.Clone()}
	if err := desk.claimKey(e); err != nil {
		return nil, nil, err
	}
	_, changes, err := e.make(true)
	if err == nil && e.changed {
		desk.put(f, e.group, e.sends, e.history(false, changes)...)
		f.counted = append(f.counted, e.counted...)
	}
	return desk, f, err
}
