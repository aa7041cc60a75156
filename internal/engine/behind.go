package engine

// behind does one piece of work after another, each while its giver goes on with the next:
// a page's records are applied while those that follow are still read. One is done and one
// waits at a time, which bounds what is in memory. Its giver is one goroutine.
type behind struct {
	last chan error // tells of the work in hand; nil: there is none
}

// do begins the work once the one before it is through. When that failed, its error is
// returned and nothing is begun.
func (b *behind) do(work func() error) error {
	if err := b.wait(); err != nil {
		return err
	}
	last := make(chan error, 1)
	go func() { last <- work() }()
	b.last = last
	return nil
}

// wait returns once nothing is in hand, with the error of what was.
func (b *behind) wait() error {
	if b.last == nil {
		return nil
	}
	err := <-b.last
	b.last = nil
	return err
}
