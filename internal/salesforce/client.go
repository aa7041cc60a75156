package salesforce

import (
	"context"
	"net/http"
	"time"
)

// DefaultAPIVersion is the version of the API that the client was written for.
const DefaultAPIVersion = "v62.0"

// Config is what a Client needs to talk to one org.
type Config struct {
	Hosts Hosts
	Token Token
	// Refresh gets a new token in place of one that Salesforce refused, and
	// stores it before it returns. It runs once however many requests wait, and
	// is not cancelled with them.
	Refresh func(ctx context.Context, old Token) (Token, error)

	HTTP       *http.Client // nil: one made by NewHTTPClient
	APIVersion string       // empty: DefaultAPIVersion
	ClientName string       // shown in the org's change events; may be empty
	Now        func() time.Time
	// Count is told of every request that counts against the org's API budget,
	// repeats included, before it is sent, with the caller's context; nil: nobody asks.
	Count func(ctx context.Context, requests int)
	// OnServerTime is told the Date of every answer, in whole seconds, and
	// when by our clock it was asked for and had come; nil: nobody asks.
	OnServerTime func(server, asked, answered time.Time)
	Timeouts     Timeouts
	Backoff      Backoff
	Polling      Polling
}

// Timeouts bound one attempt of a request; what is zero has a default.
type Timeouts struct {
	Quick time.Duration // describe, limits, identity: 60 s
	Query time.Duration // Salesforce stops executing a query after 2 minutes: 150 s
	Write time.Duration // 5 min; giving up early leaves an unknown outcome
}

// Backoff bounds the repetition of requests that are safe to repeat; what is
// zero has a default. Waits double and are spread by half around their value.
type Backoff struct {
	Attempts int           // in all: 4
	First    time.Duration // wait after the first: 500 ms
	Longest  time.Duration // 10 s
}

// Polling says how often a job that Salesforce runs by itself is asked for; what is zero has
// a default. Waits double and are spread by half around their value.
type Polling struct {
	First   time.Duration // wait before the first: 1 s
	Longest time.Duration // 30 s
}

// Client talks to one org with one token. It may be used by many goroutines.
type Client struct {
	config  Config
	http    *http.Client
	session session
	usage   usageMeter
	clock   serverClock
}

// New returns a client. The token's instance is checked before it is used, so a
// wrong one shows as an error of the first call.
func New(config Config) *Client {
	if config.APIVersion == "" {
		config.APIVersion = DefaultAPIVersion
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	config.Timeouts = config.Timeouts.withDefaults()
	config.Backoff = config.Backoff.withDefaults()
	config.Polling = config.Polling.withDefaults()
	return &Client{
		config:  config,
		http:    withoutRedirects(config.HTTP),
		session: session{token: config.Token, refresh: config.Refresh, hosts: config.Hosts},
	}
}

// Usage returns the org's API requests of the last 24 hours, of all users and
// apps, as the last answer told; false before there was one.
func (c *Client) Usage() (Usage, bool) { return c.usage.last() }

// ClockOffset returns by how much Salesforce's clock is ahead of ours, to about a
// second or better; false before there was an answer.
func (c *Client) ClockOffset() (time.Duration, bool) { return c.clock.offset() }

func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Quick: orDefault(t.Quick, 60*time.Second),
		Query: orDefault(t.Query, 150*time.Second),
		Write: orDefault(t.Write, 5*time.Minute),
	}
}

func (b Backoff) withDefaults() Backoff {
	return Backoff{
		Attempts: orDefault(b.Attempts, 4),
		First:    orDefault(b.First, 500*time.Millisecond),
		Longest:  orDefault(b.Longest, 10*time.Second),
	}
}

func (p Polling) withDefaults() Polling {
	return Polling{First: orDefault(p.First, time.Second), Longest: orDefault(p.Longest, 30*time.Second)}
}

func orDefault[N int | time.Duration](value, standard N) N {
	if value == 0 {
		return standard
	}
	return value
}
