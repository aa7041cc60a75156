package soap

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Dialect is one of the two forms of the API, which differ in namespaces.
type Dialect string

// The partner API is the same for every org, the enterprise API is made of one
// org's own objects.
const (
	Partner    Dialect = "partner"
	Enterprise Dialect = "enterprise"
)

// Namespace is that of the calls.
func (d Dialect) Namespace() string { return "urn:" + string(d) + ".soap.sforce.com" }

func (d Dialect) faultNamespace() string { return "urn:fault." + string(d) + ".soap.sforce.com" }

// Node is an element of an answer: a text, or children, or nothing.
type Node struct {
	Name     string
	Text     string
	Nil      bool // shown as xsi:nil
	Type     string
	Children []Node
}

// Text is an element with a text.
func Text(name, text string) Node { return Node{Name: name, Text: text} }

// Optional is an element with a text, nil when that is empty.
func Optional(name, text string) Node { return Node{Name: name, Text: text, Nil: text == ""} }

// Flag is a boolean element.
func Flag(name string, on bool) Node { return Text(name, fmt.Sprint(on)) }

// Number is an element with a whole number.
func Number(name string, n int) Node { return Text(name, fmt.Sprint(n)) }

// Group is an element with children.
func Group(name string, children ...Node) Node { return Node{Name: name, Children: children} }

// Response is the envelope that answers a call: its results, each an element
// "result", after the headers.
func (d Dialect) Response(call string, headers, results []Node) []byte {
	b := d.open()
	if len(headers) > 0 {
		b = appendNode(b, Group("soapenv:Header", headers...))
	}
	b = appendNode(b, Group("soapenv:Body", Group(call+"Response", results...)))
	return append(b, "</soapenv:Envelope>"...)
}

func (d Dialect) open() []byte {
	return fmt.Appendf(nil, `%s<soapenv:Envelope xmlns:soapenv="%s" xmlns="%s" xmlns:xsi="%s">`,
		bytes.TrimSpace([]byte(xml.Header)), envelopeSpace, d.Namespace(), schemaSpace)
}

func appendNode(b []byte, n Node) []byte {
	b = append(append(b, '<'), n.Name...)
	if n.Type != "" {
		b = fmt.Appendf(b, ` xsi:type="%s"`, n.Type)
	}
	if n.Nil {
		return append(b, ` xsi:nil="true"/>`...)
	}
	if n.Text == "" && len(n.Children) == 0 {
		return append(b, "/>"...)
	}
	b = append(b, '>')
	b = appendText(b, n.Text)
	for _, child := range n.Children {
		b = appendNode(b, child)
	}
	return fmt.Appendf(b, "</%s>", n.Name)
}

// appendText escapes a text; what XML cannot hold becomes U+FFFD.
func appendText(b []byte, text string) []byte {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(text)) // a buffer never fails
	return append(b, escaped.Bytes()...)
}
