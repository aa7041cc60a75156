package sandbox

// A request of the data API reads and writes through the two methods below and
// never locks the org itself: the same handler then serves a request of its own
// and a subrequest inside the transaction of a composite one.

// write runs fn in the request's transaction: in one of its own, or in the
// running one when the request is a subrequest of it. An error of fn takes back
// what fn stored, and only that.
func (c *call) write(fn func(*tx) *Error) *Error {
	if c.tx == nil {
		return asError(c.org.write(c.actor(), func(t *tx) *Error {
			t.options, t.noCreates = c.saveOptions(), c.fault.create()
			t.late, t.request, t.client = c.fault.late(), c.number, c.clientName()
			return fn(t)
		}))
	}
	options, noCreates := c.tx.options, c.tx.noCreates
	c.tx.options, c.tx.noCreates = c.saveOptions(), c.fault.create()
	defer func() { c.tx.options, c.tx.noCreates = options, noCreates }()
	return c.tx.attempt(func() *Error { return fn(c.tx) })
}

// view lets the request read the org until the function it returns is called:
//
//	defer c.view()()
//
// Inside a running transaction it sees what that has stored so far.
func (c *call) view() (done func()) {
	if c.tx != nil {
		return func() {}
	}
	return c.org.view()
}
