package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"conversion"
)

// storedField is a field's JSON. A default keeps its form, which the JSON of values does
// not.
type storedField struct {
	conversion.Field
	Default *storedValue `json:",omitempty"`
}

type storedValue struct {
	Form uint8  `json:"form"`
	Text string `json:"text"`
}

func encodeVariableFields(fields []conversion.Field) (string, error) {
	stored := make([]storedField, len(fields))
	for i, f := range fields {
		stored[i].Field = f
		if !f.Default.Absent() {
			form, text := f.Default.Stored()
			stored[i].Default = &storedValue{form, text}
		}
	}
	document, err := json.Marshal(stored)
	return string(document), err
}

func decodeVariableFields(document string) ([]conversion.Field, error) {
	var stored []storedField
	if err := json.Unmarshal([]byte(document), &stored); err != nil {
		return nil, err
	}
	var fields []conversion.Field
	for _, s := range stored {
		if s.Default != nil {
			value, err := conversion.FromStored(s.Default.Form, s.Default.Text)
			if err != nil {
				return nil, err
			}
			s.Field.Default = value
		}
		fields = append(fields, s.Field)
	}
	return fields, nil
}

func encodeFieldProblems(problems []conversion.FieldProblem) (string, error) {
	if len(problems) == 0 {
		return "[]", nil
	}
	document, err := json.Marshal(problems)
	return string(document), err
}

func decodeFieldProblems(document string) (problems []conversion.FieldProblem, err error) {
	if document == "[]" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(document), &problems)
	return problems, err
}

// Schema returns the workspace's variables of a kind.
func (w *Workspace) Schema(ctx context.Context, k conversion.Kind) (*conversion.Schema, error) {
	var revision int64
	scan := func(row scanner) (conversion.Variable, error) { return scanVariable(row, &revision) }
	variables, err := all(ctx, w.store.read, scan, `SELECT id, kind, key, label, type, mode, read_only, left_out, opt_out, fields, problems,
		COALESCE((SELECT revision FROM revisions r WHERE r.workspace_id = variables.workspace_id AND r.kind = variables.kind), 0)
		FROM variables WHERE workspace_id = $1 AND kind = $2 ORDER BY id`, w.id, k)
	if err != nil {
		return nil, fmt.Errorf("read the variables: %w", err)
	}
	schema := conversion.NewSchema(k, variables)
	schema.Revision = revision
	return schema, nil
}

// scanVariable reads a variable, and the revision of the schema that it is of.
func scanVariable(row scanner, revision *int64) (v conversion.Variable, err error) {
	var fields, problems string
	err = row.Scan(&v.ID, &v.Kind, &v.Key, &v.Label, &v.Type, &v.Mode, &v.ReadOnly, &v.LeftOut, &v.OptOut, &fields, &problems, revision)
	if err != nil {
		return v, err
	}
	if v.Fields, err = decodeVariableFields(fields); err != nil {
		return v, fmt.Errorf("fields of variable %s: %w", v.Key, err)
	}
	if v.Problems, err = decodeFieldProblems(problems); err != nil {
		return v, fmt.Errorf("problems of variable %s: %w", v.Key, err)
	}
	return v, nil
}

var variableRows = func() bulk {
	changing := columns(`label, type, mode, read_only, left_out, opt_out, fields, problems`)
	return bulk{
		into:    "variables",
		columns: append(columns("workspace_id, kind, id, key"), changing...),
		then:    overwrite("workspace_id, kind, id", changing) + " WHERE variables.key = excluded.key",
	}
}()

var newVariableRow = bulk{
	into:    variableRows.into,
	columns: variableRows.columns,
	then:    "ON CONFLICT (workspace_id, kind, id) DO NOTHING",
}

// AddVariable stores a new variable. A *conversion.StaleError tells that its id is given
// already, a CodeConflict error that its key is.
func (w *Workspace) AddVariable(ctx context.Context, v conversion.Variable) error {
	return w.putVariables(ctx, newVariableRow, v.Kind, []conversion.Variable{v})
}

// SaveVariables inserts or updates the variables by their ids; others stay as they are.
// A change of what decides whose claim counts makes a new revision of them (see
// conversion.Schema). Keys never change: an id that was given to another key meanwhile is a
// *conversion.StaleError, a key that another id has a CodeConflict error. Nothing is
// stored then.
func (w *Workspace) SaveVariables(ctx context.Context, k conversion.Kind, variables []conversion.Variable) error {
	return w.putVariables(ctx, variableRows, k, variables)
}

func (w *Workspace) putVariables(ctx context.Context, how bulk, k conversion.Kind, variables []conversion.Variable) error {
	rows := make([][]any, len(variables))
	for i, v := range variables {
		fields, err := encodeVariableFields(v.Fields)
		if err != nil {
			return fmt.Errorf("encode the fields of variable %s: %w", v.Key, err)
		}
		problems, err := encodeFieldProblems(v.Problems)
		if err != nil {
			return fmt.Errorf("encode the problems of variable %s: %w", v.Key, err)
		}
		rows[i] = []any{k, v.ID, v.Key, text(v.Label), v.Type, v.Mode, v.ReadOnly, v.LeftOut, v.OptOut, fields, problems}
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		if err := w.reviseFor(ctx, tx, k, variables); err != nil {
			return err
		}
		saved, err := w.insert(ctx, tx, how, rows)
		if err == nil && saved < len(rows) {
			err = &conversion.StaleError{}
		}
		return err
	})
	if err != nil && w.store.dialect.clash(err) {
		return conversion.Errorf(conversion.CodeConflict, "Another variable has this key.")
	}
	if err != nil {
		return fmt.Errorf("save variables: %w", err)
	}
	return nil
}
