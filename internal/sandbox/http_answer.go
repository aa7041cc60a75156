package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// worthZipping is the size in bytes from which answers are zipped: a smaller one
// fits into one packet as it is.
const worthZipping = 1000

// send writes the answer, zipped if the client asked for it and it is large. A
// refusal never is: go-salesforce asks for zipped answers and reads errors as
// they come, and unzips twice what it gets after it renewed its session.
func (c *call) send(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range c.header {
		h[name] = values
	}
	h.Set("Date", c.org.clock.Now().Format(http.TimeFormat))
	if c.stream != nil {
		c.sendStream(w)
		return
	}
	body := c.pretty(c.answer)
	if len(body) >= worthZipping && c.status < http.StatusBadRequest && strings.Contains(c.request.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		body = zipped(body)
	}
	if c.status != http.StatusNoContent && c.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(c.status)
	if c.cut {
		_, _ = w.Write(body[:len(body)/2])
		c.reset(w)
	}
	_, _ = w.Write(body) // a client that went away is no concern of the org's
}

// sendStream writes an answer of any size as it is made. A client that went away
// ends it; a crash on the way cuts the connection.
func (c *call) sendStream(w http.ResponseWriter) {
	var out io.Writer = w
	if strings.Contains(c.request.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
		defer z.Close()
		out = z
	}
	w.WriteHeader(c.status)
	_, _ = c.stream.WriteTo(out)
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid
	_, _ = z.Write(body)                            // a buffer never fails
	_ = z.Close()
	return b.Bytes()
}

// raw answers with bytes that are JSON already.
func (c *call) raw(status int, body []byte) *Error {
	c.status, c.answer = status, body
	c.header.Set("Content-Type", "application/json;charset=UTF-8")
	return nil
}

// json answers with a value.
func (c *call) json(status int, v any) *Error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("sandbox: an answer that is no JSON: %v", err))
	}
	return c.raw(status, bytes.TrimRight(b.Bytes(), "\n"))
}

func (c *call) noContent(status int) *Error {
	c.status, c.answer = status, nil
	return nil
}

func (c *call) html(status int, page []byte) *Error {
	c.status, c.answer = status, page
	c.header.Set("Content-Type", "text/html;charset=UTF-8")
	return nil
}

func (c *call) plain(status int, text string) *Error {
	c.status, c.answer = status, []byte(text)
	c.header.Set("Content-Type", "text/plain;charset=UTF-8")
	return nil
}

// refuse answers with an error as the data API does: an array.
func (c *call) refuse(e *Error) {
	if c.soap != nil {
		c.refuseSOAP(e)
		return
	}
	if e.Code == "DUPLICATES_DETECTED" {
		_ = c.json(e.Status, []any{c.duplicateBody(e)})
		return
	}
	if e.Status == http.StatusUnauthorized {
		c.header.Set("WWW-Authenticate", "Token")
	}
	_ = c.json(e.Status, errorBodies(e))
}

func errorBodies(e *Error) []errorBody {
	var bodies []errorBody
	for _, one := range e.all() {
		bodies = append(bodies, errorBody{Message: one.Message, ErrorCode: one.Code, Fields: one.Fields})
	}
	return bodies
}

type errorBody struct {
	Message   string   `json:"message"`
	ErrorCode string   `json:"errorCode"`
	Fields    []string `json:"fields,omitempty"`
}
