package conversion

import "time"

// Moment is a point in time as UTC microseconds since the Unix epoch: the form it is
// stored in. Zero means "never" or "unknown".
type Moment int64

// MomentOf converts a time; the zero time gives the zero Moment.
func MomentOf(t time.Time) Moment {
	if t.IsZero() {
		return 0
	}
	return Moment(t.UnixMicro())
}

// Time converts back; the zero Moment gives the zero time.
func (m Moment) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m)).UTC()
}

// Add returns the moment d later.
func (m Moment) Add(d time.Duration) Moment { return m + Moment(d.Microseconds()) }

// Sub returns the duration m − earlier.
func (m Moment) Sub(earlier Moment) time.Duration {
	return time.Duration(m-earlier) * time.Microsecond
}

// Second returns the whole second m falls in. Claims are compared by it (spec 3.7).
func (m Moment) Second() int64 {
	s := int64(m) / 1_000_000
	if int64(m)%1_000_000 < 0 {
		s--
	}
	return s
}

// String gives RFC 3339 in UTC, or "" for the zero Moment.
func (m Moment) String() string {
	if m == 0 {
		return ""
	}
	return m.Time().Format(time.RFC3339Nano)
}
