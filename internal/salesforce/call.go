package salesforce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// call is one request to an org, before it has a token.
type call struct {
	what    string // for errors: "query Lead"
	method  string
	path    string // below the instance
	query   url.Values
	header  http.Header
	body    []byte
	timeout time.Duration
	bound   int64 // bytes of a good answer
	write   bool  // changes records: never repeated once sent
	free    bool  // does not count against the API budget
	// read decodes a good answer; an error of it means that the answer is unusable.
	read func(answer) error
}

// answer is what came back, with status 200 to 204 or 304.
type answer struct {
	status int
	header http.Header
	body   io.Reader
	asked  time.Time
}

// do sends the call, renews the session if need be, and repeats what is safe to
// repeat while Salesforce is busy.
func (c *Client) do(ctx context.Context, call call) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := c.attempt(ctx, call)
		if err != nil && !repeatable(call, err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(c.waits()), backoff.WithMaxTries(uint(c.config.Backoff.Attempts)), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return fmt.Errorf("%s: %w", call.what, err)
	}
	return nil
}

func (c *Client) waits() *backoff.ExponentialBackOff {
	return waits(c.config.Backoff.First, c.config.Backoff.Longest)
}

func waits(first, longest time.Duration) *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{
		InitialInterval:     first,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         longest,
	}
	b.Reset()
	return b
}

// repeatable tells whether the same request may be sent at once again. A write
// may be only if it never left this machine.
func repeatable(call call, err error) bool {
	if _, unknown := errors.AsType[*OutcomeUnknownError](err); unknown {
		return false
	}
	class := ClassOf(err)
	if call.write {
		return class == Unreachable
	}
	return class == Retry || class == Unreachable
}

// attempt sends the call with the present token and, if Salesforce says that the
// session is over, once more with a new one.
func (c *Client) attempt(ctx context.Context, call call) error {
	token := c.session.current()
	err := c.send(ctx, call, token)
	if _, over := errors.AsType[*sessionOverError](err); !over {
		return err
	}
	token, err = c.session.renew(ctx, token)
	if err != nil {
		return err
	}
	err = c.send(ctx, call, token)
	if over, ok := errors.AsType[*sessionOverError](err); ok {
		over.refusal.Class = Reconnect
		return over.refusal
	}
	return err
}

// send makes one HTTP request.
func (c *Client) send(ctx context.Context, call call, token Token) error {
	attempt, cancel := context.WithTimeout(ctx, call.timeout)
	defer cancel()
	var sent atomic.Bool
	request, err := c.request(httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	}), call, token)
	if err != nil {
		return err
	}
	if c.config.Count != nil && !call.free {
		c.config.Count(ctx, 1)
	}
	asked := c.config.Now()
	response, err := c.http.Do(request)
	if err != nil {
		return noAnswer(ctx, call, sent.Load(), err)
	}
	defer response.Body.Close()
	c.learn(response.Header, asked)
	if !good(response.StatusCode) {
		return refusal(call, response)
	}
	body := bounded(response.Body, call.bound)
	if err := call.read(answer{response.StatusCode, response.Header, body, asked}); err != nil {
		return unusable(ctx, call, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, call call, token Token) (*http.Request, error) {
	base, err := c.session.base(token)
	if err != nil {
		return nil, err
	}
	target := url.URL{Scheme: base.Scheme, Host: base.Host, Path: call.path, RawQuery: call.query.Encode()}
	request, err := http.NewRequestWithContext(ctx, call.method, target.String(), bytes.NewReader(call.body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	for name, values := range call.header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+token.AccessToken)
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	if c.config.ClientName != "" {
		request.Header.Set("Sforce-Call-Options", "client="+c.config.ClientName)
	}
	return request, nil
}

// learn takes from any answer what its headers tell about the org.
func (c *Client) learn(header http.Header, asked time.Time) {
	answered := c.config.Now()
	c.usage.read(header, answered)
	server, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.clock.learn(server, asked, answered)
	if c.config.OnServerTime != nil {
		c.config.OnServerTime(server, asked, answered)
	}
}

func good(status int) bool {
	return status >= 200 && status < 300 || status == http.StatusNotModified
}

// noAnswer says what it means that a request failed without an answer.
func noAnswer(ctx context.Context, call call, sent bool, err error) error {
	lost := unanswered(ctx, err)
	if call.write && sent {
		return &OutcomeUnknownError{Cause: lost}
	}
	return lost
}

// unusable says what it means that an answer broke off or makes no sense.
func unusable(ctx context.Context, call call, err error) error {
	if ctx.Err() != nil && !call.write {
		return context.Cause(ctx)
	}
	broken := &Error{Status: http.StatusOK, Message: "unusable answer: " + reasonOf(err), Class: Retry, cause: err}
	if call.write {
		return &OutcomeUnknownError{Cause: broken}
	}
	if _, ok := errors.AsType[tooLargeError](err); ok {
		broken.Class = FixInConversion
	}
	return broken
}

// unanswered keeps the caller's own cancellation apart from Salesforce's silence.
func unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &Error{Message: "no answer: " + reasonOf(err), Class: Unreachable, cause: withoutURL(err)}
}
