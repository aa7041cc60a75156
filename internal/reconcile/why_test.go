package reconcile

import (
	"testing"

	"conversion"
)

func TestWhyAValueIsHere(t *testing.T) {
	t.Parallel()
	const title conversion.VarID = 20
	lead, contact := conversion.Ref{Object: conversion.Lead, ID: "00Q1"}, conversion.Ref{Object: conversion.Contact, ID: "0031"}
	link := func(r conversion.Ref, value string, at conversion.Moment, weak bool) *conversion.Link {
		return &conversion.Link{Ref: r, Fields: []conversion.FieldState{{
			Var: title, Claim: conversion.Claim{Value: conversion.Text(value), At: at * 1_000_000, By: "005", Weak: weak},
		}}}
	}
	own := []conversion.OwnClaim{{Var: title, Value: conversion.Text("Ours"), At: 5_000_000, Number: 1}}
	for _, test := range []struct {
		because string
		mode    conversion.Mode
		links   []*conversion.Link
		own     []conversion.OwnClaim
		want    []string // value: why
	}{
		{"only one says anything", conversion.ModeTwoWay, []*conversion.Link{link(lead, "Clerk", 1, false)}, nil,
			[]string{"Clerk: Nobody else says anything."}},
		{"the newest of three", conversion.ModeTwoWay, []*conversion.Link{link(contact, "Head", 9, false), link(lead, "Clerk", 1, false)}, own,
			[]string{"Head: It is the newest.", "Ours: A newer one replaced it.", "Clerk: A newer one replaced it."}},
		{"a weak one yields", conversion.ModeTwoWay, []*conversion.Link{link(lead, "", 9, true)}, own,
			[]string{"Ours: It is the newest.", ": It is blank, false or a default that nobody chose: it yields to any other."}},
		{"the mode decides", conversion.ModeAlwaysSalesforce, []*conversion.Link{link(lead, "Clerk", 1, false)}, own,
			[]string{"Clerk: The mode of the variable, or the time, puts this record's first.", "Ours: The mode of the variable puts the other side first."}},
		{"nobody says anything", conversion.ModeTwoWay, nil, nil, nil},
	} {
		g := conversion.Group{Entity: &conversion.Entity{Own: test.own}, Links: test.links}
		v := &conversion.Variable{ID: title, Kind: conversion.KindContact, Mode: test.mode}
		got := Explain(g, v)
		if len(got) != len(test.want) {
			t.Errorf("%s: %+v", test.because, got)
			continue
		}
		for i, s := range got {
			if said := s.Value.String() + ": " + s.Why; said != test.want[i] || s.Wins != (i == 0) {
				t.Errorf("%s: %d is %q (wins: %v), want %q", test.because, i, said, s.Wins, test.want[i])
			}
		}
	}
}

// TestWhyNoValueIsHere is about a variable that takes nothing from Salesforce.
func TestWhyNoValueIsHere(t *testing.T) {
	t.Parallel()
	l := &conversion.Link{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q1"}, Fields: []conversion.FieldState{{
		Var: 20, Claim: conversion.Claim{Value: conversion.Text("Clerk"), At: 1, By: "005"},
	}}}
	v := &conversion.Variable{ID: 20, Kind: conversion.KindContact, Mode: conversion.ModeNone}
	got := Explain(conversion.Group{Entity: &conversion.Entity{}, Links: []*conversion.Link{l}}, v)
	if len(got) != 1 || got[0].Wins || got[0].Why != "The mode of the variable puts the other side first." {
		t.Errorf("it is said that %+v", got)
	}
}
