package sandbox

import (
	"encoding/base64"
	"net/http"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// appendBlobPath writes where the bytes of a base64 field can be fetched: records
// carry the path, not the bytes.
func (c *call) appendBlobPath(b []byte, obj *object, f *field, row *table.Row) []byte {
	if f.value(row) == nil {
		return append(b, "null"...)
	}
	return appendString(b, c.base()+"/sobjects/"+obj.Name+"/"+row.ID+"/"+f.Name)
}

// blob answers with the bytes of a base64 field, if the path of key and value
// is really one of a record and its blob.
func (c *call) blob() (handled bool, refused *Error) {
	rights := c.rights()
	obj, ok := rights.object(c.params["object"])
	if !ok {
		return false, nil
	}
	f, ok := rights.field(obj, c.params["value"])
	if _, isID := normaliseID(c.params["field"]); !ok || !isID || f.Type != schema.Base64 {
		return false, nil
	}
	row, refused := c.liveRow(obj, c.params["field"])
	if refused != nil {
		return true, refused
	}
	text, _ := f.value(row).(string)
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return true, refusal("UNKNOWN_EXCEPTION", "the stored content is no base64")
	}
	refused = c.raw(http.StatusOK, content)
	kind := "application/octet-stream"
	if column, ok := obj.column("ContentType"); ok && row.Text(column) != "" {
		kind = row.Text(column)
	}
	c.header.Set("Content-Type", kind)
	return true, refused
}

// attachmentRules measures the content.
func (t *tx) attachmentRules(d *draft) *Error {
	content, err := base64.StdEncoding.DecodeString(d.text("Body"))
	if err != nil {
		return refusal("JSON_PARSER_ERROR", "Body: the value is no base64 text", "Body")
	}
	d.set("BodyLength", float64(len(content)))
	return nil
}
