package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const (
	envelopeSpace = "http://schemas.xmlsoap.org/soap/envelope/"
	schemaSpace   = "http://www.w3.org/2001/XMLSchema-instance"
)

// maxDepth bounds nesting, so that no envelope can exhaust the stack.
const maxDepth = 100

// Request is an envelope that was sent: one call and the headers that go with it.
type Request struct {
	Headers []*Element
	Call    *Element
}

// Header is the header of a name, nil without one.
func (r *Request) Header(name string) *Element {
	for _, h := range r.Headers {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// Decode reads an envelope. A fault says what is wrong with it.
func Decode(body []byte) (*Request, *Fault) {
	d := xml.NewDecoder(bytes.NewReader(body))
	envelope, space, err := readRoot(d)
	if err != nil {
		return nil, Client("the envelope cannot be read: " + err.Error())
	}
	if envelope.Name != "Envelope" || space != envelopeSpace {
		return nil, Client("the root element is no SOAP 1.1 Envelope: " + envelope.Name)
	}
	r := &Request{}
	if header := envelope.Child("Header"); header != nil {
		r.Headers = header.Children
	}
	content := envelope.Child("Body")
	if content == nil || len(content.Children) != 1 {
		return nil, Client("the envelope has no Body with one call in it")
	}
	r.Call = content.Children[0]
	return r, nil
}

var errTwoRoots = errors.New("there is something after the root element")

// readRoot reads the whole document.
func readRoot(d *xml.Decoder) (*Element, string, error) {
	var root *Element
	space := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, space, nil
		}
		if err != nil {
			return nil, "", err
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, "", errors.New("a document type declaration is not allowed")
		case xml.StartElement:
			if root != nil {
				return nil, "", errTwoRoots
			}
			space = t.Name.Space
			if root, err = readElement(d, t, 0); err != nil {
				return nil, "", err
			}
		}
	}
}

func readElement(d *xml.Decoder, start xml.StartElement, depth int) (*Element, error) {
	if depth > maxDepth {
		return nil, errors.New("elements are nested too deeply")
	}
	e := &Element{Name: start.Name.Local}
	e.readAttributes(start.Attr)
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := readElement(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			e.Children = append(e.Children, child)
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, errors.New("a document type declaration is not allowed")
		case xml.EndElement:
			if len(e.Children) == 0 {
				e.Text = text.String()
			}
			return e, nil
		}
	}
}

func (e *Element) readAttributes(attributes []xml.Attr) {
	for _, a := range attributes {
		on := a.Value == "true" || a.Value == "1"
		switch {
		case a.Name.Local == "nil" && (a.Name.Space == schemaSpace || a.Name.Space == "xsi"):
			e.Nil = on
		case a.Name.Local == "type" && (a.Name.Space == schemaSpace || a.Name.Space == "xsi"):
			e.Type = a.Value[strings.IndexByte(a.Value, ':')+1:]
		case a.Name.Local == "mustUnderstand":
			e.mustUnderstand = on
		}
	}
}

// Unknown is the first header that none of the names covers. must says that the
// client insists on it.
func (r *Request) Unknown(known func(name string) bool) (name string, must, found bool) {
	for _, h := range r.Headers {
		if !known(h.Name) {
			return h.Name, h.mustUnderstand, true
		}
	}
	return "", false, false
}
