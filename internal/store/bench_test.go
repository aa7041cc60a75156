package store_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"conversion"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

// pageSize is how many records a page of a pull has in the benchmarks.
const pageSize = 1000

func BenchmarkCommitFirstSight(b *testing.B) {
	onBoth(b, func(b *testing.B, w *store.Workspace) {
		pages := 0
		for b.Loop() {
			b.StopTimer()
			batch := firstSight(pages)
			pages++
			b.StartTimer()
			if err := w.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCommitUpdates(b *testing.B) {
	onBoth(b, func(b *testing.B, w *store.Workspace) {
		batch := firstSight(0)
		for b.Loop() {
			if err := w.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			for i := range batch.Plans {
				batch.Plans[i].Expect++
			}
		}
	})
}

func BenchmarkGroups(b *testing.B) {
	onBoth(b, func(b *testing.B, w *store.Workspace) {
		batch := firstSight(0)
		if err := w.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		q := conversion.GroupQuery{Kind: conversion.KindContact}
		for _, p := range batch.Plans {
			q.Refs = append(q.Refs, p.Group.Links[0].Ref)
			q.Keys = append(q.Keys, p.Group.Entity.Key)
		}
		for b.Loop() {
			if groups, err := w.Groups(b.Context(), q); err != nil || len(groups) != pageSize {
				b.Fatalf("%d groups, %v", len(groups), err)
			}
		}
	})
}

// onBoth runs the benchmark on both databases and reports the time by record.
func onBoth(b *testing.B, bench func(b *testing.B, w *store.Workspace)) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := open(b, database(b)).Workspace("w")
			run := conversion.Run{ID: "run", Direction: conversion.Inbound, Object: conversion.Lead, Status: conversion.RunRunning}
			if err := w.AddRuns(b.Context(), []conversion.Run{run}); err != nil {
				b.Fatal(err)
			}
			bench(b, w)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pageSize), "ns/record")
		})
	}
}

// firstSight is what a pull commits for a page of Leads that it reads for the first time:
// a contact of 40 values each, its link and a line of the run.
func firstSight(page int) conversion.Batch {
	at := conversion.Moment(1_700_000_000_000_000)
	batch := conversion.Batch{RunID: "run", At: at, Counts: conversion.Counts{Created: pageSize}}
	for i := range pageSize {
		g := unseen(page*pageSize+i, at)
		batch.Plans = append(batch.Plans, conversion.Plan{Group: g})
		batch.Lines = append(batch.Lines, conversion.RunLine{Ref: g.Links[0].Ref, EntityID: g.Entity.ID, Outcome: "created"})
	}
	return batch
}

func unseen(n int, at conversion.Moment) conversion.Group {
	ref := conversion.Ref{Object: conversion.Lead, ID: fmt.Sprintf("00Q%015d", n)}
	reading := conversion.Reading{Modstamp: at, Asked: at + 1, Modified: at}
	email := fmt.Sprintf("person%07d@company%d.example", n*7919%10_000_000, n%997)
	e := &conversion.Entity{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: conversion.KindContact, Key: email,
		Name: fmt.Sprintf("First%d Last%d", n%5003, n%20011), Origin: conversion.OriginSalesforce, Created: at, Updated: at,
	}
	l := &conversion.Link{Ref: ref, EntityID: e.ID, State: conversion.LinkLive, Key: email, Placed: email, Name: e.Name, Reading: reading, Linked: at}
	by := conversion.Actor{Kind: conversion.ActorSalesforce, ID: "005000000000001AAA"}
	for v := range conversion.VarID(40) {
		value := conversion.Text(fmt.Sprintf("value %d of %d", v, n))
		l.Fields = append(l.Fields, conversion.FieldState{Var: v + 1, Seen: value, Reading: reading, Claim: conversion.Claim{Value: value, At: at, By: by.ID}})
		e.Values = append(e.Values, conversion.Resolved{Var: v + 1, Value: value, At: at, From: ref, By: by})
	}
	return conversion.Group{Entity: e, Links: []*conversion.Link{l}}
}
