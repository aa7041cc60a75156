package salesforce

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// loginTimeout bounds a request to a login host.
const loginTimeout = 30 * time.Second

// Bounds of answers, in bytes after decompression.
const (
	smallBody    = 1 << 20
	describeBody = 32 << 20
	pageBody     = 128 << 20
	bulkBody     = 512 << 20
)

// NewHTTPClient returns an HTTP client for orgs and login hosts: it keeps
// connections, asks for gzip, respects the proxy settings of the environment and
// follows no redirects. Share one among all clients of a process.
func NewHTTPClient() *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
		// A connection that died without a word is found out before a call's timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
	return withoutRedirects(&http.Client{Transport: transport})
}

// withoutRedirects makes the client hand out redirects as answers: following one
// could take a token to another host, or turn a POST into a GET.
func withoutRedirects(client *http.Client) *http.Client {
	if client == nil {
		return NewHTTPClient()
	}
	careful := *client
	careful.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &careful
}

// tooLargeError says that an answer exceeds its bound.
type tooLargeError struct{ limit int64 }

func (e tooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", e.limit)
}

// boundedReader fails, rather than ends, beyond its limit.
type boundedReader struct {
	body  io.Reader
	limit int64
	left  int64
}

func bounded(body io.Reader, limit int64) io.Reader {
	return &boundedReader{body: body, limit: limit, left: limit + 1}
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.body.Read(p)
	if r.left -= int64(n); r.left <= 0 {
		return n, tooLargeError{r.limit}
	}
	return n, err
}

func readBounded(body io.Reader, limit int64) ([]byte, error) {
	return io.ReadAll(bounded(body, limit))
}
