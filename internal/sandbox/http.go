package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/soql"
)

// server is the org's HTTP face. Its methods reach the org through the org's own
// methods and keep no state.
type server struct{ org *Org }

// call is one request on its way to its answer. That is put together in memory
// and sent whole, so that a fault may still drop it; only files of any size are
// written as they go out.
type call struct {
	org       *Org
	request   *http.Request
	path      string   // normalised: one slash between segments, none at the end
	segments  []string // decoded
	suffix    string   // .json or .xml, taken off the path
	number    int64    // in the request log; that of the surrounding request for a subrequest
	operation string
	object    string
	version   string // v67.0, on the data API
	below     string // /tooling, in that part of the data API
	user      string // of the session, on the data API
	params    map[string]string
	body      []byte
	records   int
	soql      string
	fault     *Fault
	cut       bool // half of the answer is sent, then the connection is reset
	tx        *tx  // the running transaction, of a subrequest that is part of one
	soap      *soapCall
	atomic    bool // collections are all or none, whatever they say themselves

	status int
	header http.Header
	answer []byte
	stream io.WriterTo // in place of answer
}

// maxBody is the largest request body, but for the data of a bulk job.
const maxBody = 50 << 20

// bulkUpload is the operation that carries the data of a bulk job.
const bulkUpload = "bulkUpload"

// limit is how large the body of this request may be.
func (c *call) limit() int64 {
	if c.operation == bulkUpload {
		return bulk.MaxUpload
	}
	return maxBody
}

// ServeHTTP answers every path of the origin. Paths are normalised here and never
// by a redirect, which clients would follow as GET.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{org: s.org, request: r, header: http.Header{}, status: http.StatusOK}
	c.segments = segmentsOf(r.URL)
	c.path = "/" + strings.Join(c.segments, "/")
	if err := c.tooLong(); err != nil {
		c.refuse(err)
		c.send(w)
		return
	}
	handle := c.route()
	if handle == nil {
		s.serveUnlogged(c, w)
		return
	}
	c.number = s.org.traffic.next()
	s.org.clock.tick()
	if c.receive() {
		if s.org.traffic.strike(c, false).serve(c, func() { c.guard(handle) }) {
			c.status = 0
			s.log(c)
			panic(http.ErrAbortHandler) // net/http cuts the connection
		}
		s.org.traffic.noteRead(c)
	}
	s.log(c)
	c.send(w)
}

// maxURI is how long a URI may be, and how long a URI and all headers together.
const maxURI = 16_384

// serveUnlogged serves what is no part of Salesforce: the page at / and the
// admin API.
func (s *server) serveUnlogged(c *call, w http.ResponseWriter) {
	if c.receive() {
		c.guard(func(c *call) *Error { return c.admin() })
	}
	c.send(w)
}

func segmentsOf(u *url.URL) []string {
	var segments []string
	for _, s := range strings.Split(u.EscapedPath(), "/") {
		if s == "" {
			continue
		}
		if decoded, err := url.PathUnescape(s); err == nil {
			s = decoded
		}
		segments = append(segments, s)
	}
	return segments
}

// guard runs a handler so that a panic in it becomes an answer of 500.
func (c *call) guard(handle func(*call) *Error) {
	defer func() {
		if p := recover(); p != nil {
			c.org.logger.Error("request crashed", "operation", c.operation, "panic", p, "stack", string(debug.Stack()))
			c.refuse(&Error{Status: http.StatusInternalServerError, Code: "UNKNOWN_EXCEPTION", Message: "An unexpected error occurred."})
		}
	}()
	if err := handle(c); err != nil {
		c.refuse(err)
	}
}

// receive reads the body, unzipping it if need be. False means answered.
func (c *call) receive() bool {
	most := c.limit()
	body, err := io.ReadAll(io.LimitReader(c.request.Body, most+1))
	if err == nil && len(body) > 0 {
		switch encoding := c.request.Header.Get("Content-Encoding"); encoding {
		case "", "identity":
		case "gzip":
			body, err = unzip(body, most)
		default:
			c.refuse(&Error{Status: http.StatusUnsupportedMediaType, Code: "UNSUPPORTED_MEDIA_TYPE", Message: "Content-Encoding not supported: " + encoding})
			return false
		}
	}
	switch {
	case err != nil:
		c.refuse(refusal("JSON_PARSER_ERROR", "the request body cannot be read"))
		return false
	case int64(len(body)) > most:
		c.refuse(&Error{Status: http.StatusRequestEntityTooLarge, Code: "REQUEST_TOO_LARGE",
			Message: fmt.Sprintf("the request body is larger than %d bytes", most)})
		return false
	}
	c.body = body
	if strings.HasPrefix(c.operation, "bulk") {
		c.nameJob()
	}
	if c.soap != nil {
		c.openSOAP()
	}
	return true
}

func unzip(b []byte, most int64) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, most+1))
}

func (s *server) log(c *call) {
	s.org.traffic.record(Request{
		Number: c.number, Client: c.clientName(), User: c.user,
		At: s.org.clock.Now(), Method: c.request.Method, Path: c.path, Operation: c.operation,
		Object: c.objectName(), Records: c.records, Query: c.soql, Status: c.status,
	})
	s.org.logger.LogAttrs(c.request.Context(), slog.LevelInfo, "request served",
		slog.String("method", c.request.Method), slog.String("operation", c.operation),
		slog.String("object", c.objectName()), slog.Int("records", c.records), slog.Int("status", c.status))
}

// objectName is the object in the path, else that of the body's first record or
// of the query.
func (c *call) objectName() string {
	switch {
	case c.object != "":
	case len(c.body) > 0 && writing[c.operation]:
		c.object = firstType(c.body)
	case c.operation == "query":
		if q, err := soql.Parse(c.request.URL.Query().Get("q")); err == nil {
			c.object = c.canonical(q.From.Text)
		}
	}
	return c.object
}

func firstType(body []byte) string {
	var sent struct {
		Records []struct {
			Attributes struct {
				Type string `json:"type"`
			} `json:"attributes"`
		} `json:"records"`
	}
	if json.Unmarshal(body, &sent) != nil || len(sent.Records) == 0 {
		return ""
	}
	return sent.Records[0].Attributes.Type
}

// origin is the scheme and host that the client called.
func (c *call) origin() string {
	scheme := "http"
	if c.request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.request.Host
}

// token is the access token that the request carries.
func (c *call) token() string {
	if c.soap != nil {
		return c.soap.header("SessionHeader").Value("sessionId")
	}
	kind, token, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	if strings.EqualFold(kind, "Bearer") || strings.EqualFold(kind, "OAuth") {
		return strings.TrimSpace(token)
	}
	return ""
}
