package store

import "conversion"

// A link's fields mostly share one reading, one stamp and one settled number. These are
// written once; a field whose flag is off has its own.
const (
	flagClaimed  = 1 << iota // the field made a claim
	flagAsSeen               // the claim's value is the seen one
	flagStamped              // the claim's At and By are the shared ones
	flagWeak                 // the claim is weak
	flagAnswers              // the claim has a number that it answers
	flagReading              // the reading is the link's newest
	flagSettled              // the settled number is the shared one
	flagIntended             // there is an intent
)

// shared is what most fields of a link have in common.
type shared struct {
	at      conversion.Moment
	by      string
	settled int64
}

// encodeFields gives the stored form of what a link remembers of its fields; nil when
// that is nothing. The link's newest reading is stored apart.
func encodeFields(fields []conversion.FieldState, newest conversion.Reading) []byte {
	if len(fields) == 0 {
		return nil
	}
	common := sharedBy(fields)
	e := newEncoder(32 + 16*len(fields))
	e.moment(common.at)
	e.text(common.by)
	e.integer(common.settled)
	e.count(len(fields))
	for _, f := range fields {
		e.field(f, newest, common)
	}
	return e.buf
}

// sharedBy picks the stamp and the settled number of the most fields; of equally many,
// the first.
func sharedBy(fields []conversion.FieldState) shared {
	stamps, numbers := make(tally[stamp], 0, 4), make(tally[int64], 0, 4)
	for i := range fields {
		f := &fields[i]
		numbers = numbers.count(f.Settled)
		if f.Claim != (conversion.Claim{}) {
			stamps = stamps.count(stamp{f.Claim.At, f.Claim.By})
		}
	}
	most := stamps.most()
	return shared{most.at, most.by, numbers.most()}
}

// stamp is when a claim was made, and by whom.
type stamp struct {
	at conversion.Moment
	by string
}

// tally counts values of which there are few.
type tally[T comparable] []counted[T]

type counted[T comparable] struct {
	value T
	times int
}

func (t tally[T]) count(value T) tally[T] {
	for i := range t {
		if t[i].value == value {
			t[i].times++
			return t
		}
	}
	return append(t, counted[T]{value, 1})
}

// most returns the value that came most often, of several the first; zero when none came.
func (t tally[T]) most() T {
	var most counted[T]
	for _, c := range t {
		if c.times > most.times {
			most = c
		}
	}
	return most.value
}

func (e *encoder) field(f conversion.FieldState, newest conversion.Reading, common shared) {
	claimed := f.Claim != (conversion.Claim{})
	asSeen := claimed && f.Claim.Value == f.Seen
	stamped := claimed && f.Claim.At == common.at && f.Claim.By == common.by
	e.integer(int64(f.Var))
	e.flags(claimed, asSeen, stamped, f.Claim.Weak, f.Claim.Answers != 0,
		f.Reading == newest, f.Settled == common.settled, f.Intent != (conversion.Intent{}))
	e.value(f.Seen)
	if claimed {
		e.claim(f.Claim, asSeen, stamped)
	}
	if f.Reading != newest {
		e.reading(f.Reading)
	}
	if f.Settled != common.settled {
		e.integer(f.Settled)
	}
	if f.Intent != (conversion.Intent{}) {
		e.value(f.Intent.Value)
		number := f.Intent.Number // below zero: it was sent again
		if f.Intent.Again {
			number = -number
		}
		e.integer(number)
		e.moment(f.Intent.At)
	}
}

func (e *encoder) claim(c conversion.Claim, asSeen, stamped bool) {
	if !asSeen {
		e.value(c.Value)
	}
	if !stamped {
		e.moment(c.At)
		e.text(c.By)
	}
	if c.Answers != 0 {
		e.integer(c.Answers)
	}
}

func (e *encoder) reading(r conversion.Reading) {
	e.moment(r.Modstamp)
	e.moment(r.Asked)
	e.moment(r.Modified)
}

func decodeFields(stored []byte, newest conversion.Reading) ([]conversion.FieldState, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	d := newDecoder(stored)
	common := shared{d.moment(), d.text(), d.integer()}
	fields := make([]conversion.FieldState, d.count())
	for i := range fields {
		fields[i] = d.field(newest, common)
		if d.err != nil {
			break
		}
	}
	return fields, d.end()
}

func (d *decoder) field(newest conversion.Reading, common shared) conversion.FieldState {
	f := conversion.FieldState{Var: d.variable(), Reading: newest, Settled: common.settled}
	flags := d.byte()
	f.Seen = d.value()
	if flags&flagClaimed != 0 {
		f.Claim = d.claim(flags, f.Seen, common)
	}
	if flags&flagReading == 0 {
		f.Reading = conversion.Reading{Modstamp: d.moment(), Asked: d.moment(), Modified: d.moment()}
	}
	if flags&flagSettled == 0 {
		f.Settled = d.integer()
	}
	if flags&flagIntended != 0 {
		f.Intent = conversion.Intent{Value: d.value(), Number: d.integer(), At: d.moment()}
		if f.Intent.Number < 0 {
			f.Intent.Number, f.Intent.Again = -f.Intent.Number, true
		}
	}
	return f
}

func (d *decoder) claim(flags byte, seen conversion.Value, common shared) conversion.Claim {
	c := conversion.Claim{Value: seen, At: common.at, By: common.by, Weak: flags&flagWeak != 0}
	if flags&flagAsSeen == 0 {
		c.Value = d.value()
	}
	if flags&flagStamped == 0 {
		c.At, c.By = d.moment(), d.text()
	}
	if flags&flagAnswers != 0 {
		c.Answers = d.integer()
	}
	return c
}
