package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// inParts sends a record as clients send an attachment.
func (c *client) inParts(method, path string, parts ...string) (int, string) {
	c.t.Helper()
	body := "\r\n--limit\r\n" + strings.Join(parts, "\r\n--limit\r\n") + "\r\n--limit--\r\n"
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=limit")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func formPart(name, contentType, content string) string {
	return "Content-Type: " + contentType + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content
}

func TestAnAttachmentIsSentInParts(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	fields := formPart("entity_attachment", "application/json", `{"ParentId":"`+c.lead("a@x.test")+`","Name":"hello.txt"}`)
	status, answer := c.inParts("POST", v67+"/sobjects/attachment", fields, formPart("Body", "text/plain", "hello"))
	if status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	id := c.query("SELECT Id FROM Attachment").Records[0]["Id"].(string)
	path := v67 + "/sobjects/Attachment/" + id
	if _, content := c.do("GET", path+"/Body", nil); string(content) != "hello" {
		t.Errorf("the content is %q", content)
	}
	if status, answer := c.inParts("PATCH", path, formPart("x", "application/json", `{"Name":"bye.txt"}`), formPart("Body", "text/plain", "bye")); status != 204 {
		t.Errorf("%d %s", status, answer)
	}
	if _, content := c.do("GET", path+"/Body", nil); string(content) != "bye" {
		t.Errorf("the content is %q", content)
	}
}

func TestPartsThatAreNoRecordAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	fields := formPart("x", "application/json", `{"ParentId":"`+c.lead("a@x.test")+`","Name":"a"}`)
	for name, tc := range map[string]struct {
		parts []string
		want  string
	}{
		"no parts":              {nil, "cannot be read"},
		"no fields":             {[]string{formPart("Body", "text/plain", "x")}, "The HTTP entity body is required"},
		"content for no blob":   {[]string{fields, formPart("Name", "text/plain", "x")}, "The part is no binary field of the record, or is there twice: Name"},
		"content twice":         {[]string{fields, formPart("Body", "text/plain", "x"), formPart("Body", "text/plain", "y")}, "is there twice: Body"},
		"content in the fields": {[]string{formPart("x", "application/json", `{"body":"eA==","Name":"a"}`), formPart("Body", "text/plain", "y")}, "Duplicate field specified"},
		"a part without a name": {[]string{"Content-Type: text/plain\r\n\r\nx"}, "cannot be read"},
	} {
		if status, answer := c.inParts("POST", v67+"/sobjects/Attachment", tc.parts...); status != 400 || !strings.Contains(answer, tc.want) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if n := c.query("SELECT COUNT() FROM Attachment").TotalSize; n != 0 {
		t.Errorf("%d attachments were saved", n)
	}
}
