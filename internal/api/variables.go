package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/directory"
)

type variable struct {
	Object   conversion.Kind `json:"object" enum:"contact,company"`
	Key      string          `json:"key"`
	Label    string          `json:"label"`
	Type     conversion.Type `json:"type" enum:"text,number,boolean,date,datetime,time,multiselect"`
	Fields   []string        `json:"salesforce_fields" doc:"The fields it is the same as, like Lead.Title."`
	Mode     conversion.Mode `json:"mode" enum:"two_way,prefer_salesforce_unless_empty,always_salesforce,always_conversion,none"`
	ReadOnly bool            `json:"read_only" doc:"Salesforce lets nobody write it."`
	LeftOut  bool            `json:"left_out" doc:"Kept out of the sync."`
	OptOut   bool            `json:"opt_out" doc:"A true sticks."`
	Problems []fieldProblem  `json:"problems" doc:"What is wrong with its Salesforce fields, while it is. Its values stay as they are."`
}

type fieldProblem struct {
	Code      string    `json:"code" enum:"field_gone,field_retyped,field_not_editable,field_not_creatable,object_hidden"`
	Field     string    `json:"field" doc:"The Salesforce field, like Lead.Title."`
	RenamedTo *string   `json:"renamed_to" doc:"The field that appeared when this one disappeared and may be the same, like Lead.Tier__c."`
	Since     time.Time `json:"since"`
	Message   string    `json:"message"`
	Hint      string    `json:"hint"`
}

func showProblem(p conversion.FieldProblem) fieldProblem {
	shown := fieldProblem{Code: p.Code, Field: string(p.Object) + "." + p.Field, Since: p.Since.Time(), Message: p.Message, Hint: p.Hint}
	if p.RenamedTo != "" {
		shown.RenamedTo = orNull(string(p.Object) + "." + p.RenamedTo)
	}
	return shown
}

func showVariable(v conversion.Variable) variable {
	fields := make([]string, len(v.Fields))
	for i, f := range v.Fields {
		fields[i] = string(f.Object) + "." + f.Name
	}
	problems := []fieldProblem{}
	for _, p := range v.Standing() {
		problems = append(problems, showProblem(p))
	}
	return variable{v.Kind, v.Key, v.Label, v.Type, fields, v.Mode, v.ReadOnly, v.LeftOut, v.OptOut, problems}
}

type variableDraft struct {
	Object conversion.Kind `json:"object" enum:"contact,company"`
	Key    string          `json:"key"`
	Label  string          `json:"label,omitempty" doc:"Default: the key."`
	Type   conversion.Type `json:"type" enum:"text,number,boolean,date,datetime,time,multiselect"`
	OptOut bool            `json:"opt_out,omitempty" doc:"A true sticks; booleans only."`
}

type variablePatch struct {
	Label   *string          `json:"label,omitempty"`
	Mode    *conversion.Mode `json:"mode,omitempty" enum:"two_way,prefer_salesforce_unless_empty,always_salesforce,always_conversion,none"`
	LeftOut *bool            `json:"left_out,omitempty"`
	OptOut  *bool            `json:"opt_out,omitempty"`
}

type variablesInput struct {
	Object conversion.Kind `query:"object" enum:"contact,company" doc:"Default: both."`
	Limit  int             `query:"limit" minimum:"1" maximum:"1000" default:"1000"`
	Cursor string          `query:"cursor" doc:"The next_cursor of the page before."`
}

func (a *api) listVariables(ctx context.Context, in *variablesInput) (*answer[list[variable]], error) {
	kinds := []conversion.Kind{in.Object}
	if in.Object == "" {
		kinds = []conversion.Kind{conversion.KindContact, conversion.KindCompany}
	}
	var all []conversion.Variable
	for _, kind := range kinds {
		found, err := a.Variables.Variables(ctx, callerOf(ctx).workspaceID, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	part, next, err := pageOf(all, func(v conversion.Variable) string { return string(v.Kind) + "." + v.Key }, in.Cursor, in.Limit)
	return listOf(part, next, showVariable), err
}

func (a *api) createVariable(ctx context.Context, in *struct{ Body variableDraft }) (*answer[variable], error) {
	d := in.Body
	v, err := a.Variables.CreateVariable(ctx, callerOf(ctx).workspaceID, d.Object, directory.VariableDraft{
		Key: d.Key, Label: d.Label, Type: d.Type, OptOut: d.OptOut,
	})
	return answerWith(showVariable(v)), err
}

func (a *api) patchVariable(ctx context.Context, in *struct {
	Object conversion.Kind `path:"object" enum:"contact,company"`
	Key    string          `path:"key"`
	Body   variablePatch
}) (*answer[variable], error) {
	v, err := a.Variables.PatchVariable(ctx, callerOf(ctx).workspaceID, in.Object, in.Key, directory.VariablePatch(in.Body))
	return answerWith(showVariable(v)), err
}
