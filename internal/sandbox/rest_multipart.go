package sandbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"conversion/internal/sandbox/schema"
)

// record reads the body of a single-record write that may be multipart: the fields
// as JSON in a part of any name, and the content of a blob field, as it is, in a
// part of the field's name. Clients send attachments so.
func (c *call) record() (map[string]any, *Error) {
	kind, params, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return c.fieldsOf()
	}
	blobs, refused := c.takeParts(params["boundary"])
	if refused != nil {
		return nil, refused
	}
	fields, refused := c.fieldsIn()
	if refused != nil {
		return nil, refused
	}
	for name, content := range blobs {
		fields[name] = base64.StdEncoding.EncodeToString(content)
	}
	return fields, sameFieldTwice(fields)
}

// takeParts leaves the JSON of a multipart body as the body and answers with the
// other parts by their names.
func (c *call) takeParts(boundary string) (map[string][]byte, *Error) {
	blobs := map[string][]byte{}
	parts := multipart.NewReader(bytes.NewReader(c.body), boundary)
	c.body = nil
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return blobs, nil
		}
		if err != nil {
			return nil, unreadableParts()
		}
		content, err := io.ReadAll(part)
		name := part.FormName()
		switch {
		case err != nil, name == "":
			return nil, unreadableParts()
		case isJSON(part.Header.Get("Content-Type")) && c.body == nil:
			c.body = content
		case blobs[name] != nil || !c.isBlob(name):
			return nil, refusal("INVALID_MULTIPART_REQUEST", "The part is no binary field of the record, or is there twice: "+name)
		default:
			blobs[name] = content
		}
	}
}

func unreadableParts() *Error {
	return refusal("INVALID_MULTIPART_REQUEST", "The multipart request cannot be read")
}

// isBlob says whether the object of the path has a blob field of this name.
func (c *call) isBlob(name string) bool {
	defer c.view()()
	obj, ok := c.org.object(c.params["object"])
	if !ok {
		return false
	}
	f, ok := obj.field(name)
	return ok && f.Type == schema.Base64
}
