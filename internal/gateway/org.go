package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"conversion"
	"conversion/internal/salesforce"
)

// Org is a connected org as the engine sees it. It may be used by many goroutines.
type Org struct {
	client *salesforce.Client
	now    func() time.Time

	mu        sync.Mutex
	lastAsked conversion.Moment
	defs      map[conversion.Object]conversion.ObjectDef // as last described
}

// New returns the org that the client is connected to. now is our clock; the times of
// observations are in Salesforce's, by the client's offset.
func New(client *salesforce.Client, now func() time.Time) *Org {
	return &Org{client: client, now: now, defs: make(map[conversion.Object]conversion.ObjectDef)}
}

// Usage returns the org's API requests of the day and its limit, as last answered, and when
// that was; zeros before the first answer.
func (o *Org) Usage() (used, limit int, at conversion.Moment) {
	usage, _ := o.client.Usage()
	return usage.Used, usage.Max, conversion.MomentOf(usage.At)
}

// Measure asks for the org's usage, in one request; Usage then tells.
func (o *Org) Measure(ctx context.Context) error {
	if _, err := o.client.Limits(ctx); err != nil {
		return orgError("", err)
	}
	return nil
}

// ClockOffset returns Salesforce's time minus ours, as last answered.
func (o *Org) ClockOffset() time.Duration {
	offset, _ := o.client.ClockOffset()
	return offset
}

// asking is when a request began: by our own clock, which orders readings, and by
// Salesforce's, as far as its Date headers tell.
type asking struct{ ours, theirs conversion.Moment }

// asked notes a request. Of two readings of one second the later one counts, so our own
// moments never go back or stand still; Salesforce's are an estimate that may.
func (o *Org) asked(began time.Time) asking {
	offset := o.ClockOffset()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lastAsked = max(conversion.MomentOf(began), o.lastAsked+1)
	return asking{o.lastAsked, conversion.MomentOf(began.Add(offset))}
}

// reading places what a row says.
func (a asking) reading(modstamp, modified conversion.Moment) conversion.Reading {
	return conversion.Reading{Modstamp: modstamp, Asked: a.ours, Modified: modified}
}

// def returns what was last described of the object; it describes it if nothing was.
func (o *Org) def(ctx context.Context, object conversion.Object) (conversion.ObjectDef, error) {
	o.mu.Lock()
	def, ok := o.defs[object]
	o.mu.Unlock()
	if ok {
		return def, nil
	}
	return o.describe(ctx, object)
}

// readable is def for an object that has to be read.
func (o *Org) readable(ctx context.Context, object conversion.Object) (conversion.ObjectDef, error) {
	def, err := o.def(ctx, object)
	if err == nil && !def.Readable {
		err = &conversion.Error{
			Code:    conversion.CodeForbidden,
			Message: fmt.Sprintf("The connected Salesforce user cannot read %ss.", object),
			Hint:    fmt.Sprintf("Grant the user read access to %ss in Salesforce.", object),
		}
	}
	return def, err
}

func (o *Org) describe(ctx context.Context, object conversion.Object) (conversion.ObjectDef, error) {
	described, _, err := o.client.Describe(ctx, string(object), time.Time{})
	if err != nil && !errors.Is(err, salesforce.ErrNotFound) {
		return conversion.ObjectDef{}, orgError(object, err)
	}
	def := conversion.ObjectDef{Object: object, At: o.now()}
	if err == nil {
		def = objectDef(object, described, o.now())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.defs[object] = def
	return def, nil
}
