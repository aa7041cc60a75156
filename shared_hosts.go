package conversion

import (
	_ "embed" // the lists
	"strings"
	"sync"
)

// sharedHostsText lists hosts on which many organisations have a page each (spec 3.6). A
// plain line is that host alone; "*.name" is the host and every host below it.
//
//go:embed shared_hosts.txt
var sharedHostsText string

// freeMailText lists domains at which anybody can have a mailbox (spec 3.15).
//
//go:embed free_mail.txt
var freeMailText string

var (
	sharedHosts = sync.OnceValue(func() map[string]bool { return listed(sharedHostsText) })
	freeMail    = sync.OnceValue(func() map[string]bool { return listed(freeMailText) })
)

// FreeMail reports whether the domain, in the form of EmailDomain, is one at which
// anybody can have a mailbox: its people have no company in common.
func FreeMail(domain string) bool { return freeMail()[domain] }

// sharedHost reports whether many organisations have a page on the host, given in lower
// case without "www.".
func sharedHost(host string) bool {
	hosts := sharedHosts()
	if hosts[host] {
		return true
	}
	for above, more := host, true; more; _, above, more = strings.Cut(above, ".") {
		if hosts["*."+above] {
			return true
		}
	}
	return false
}

// listed reads a list of a line each; "#" begins a comment.
func listed(text string) map[string]bool {
	lines := make(map[string]bool)
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			lines[line] = true
		}
	}
	return lines
}
