package scripts

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// objectFile is what a package in metadata format says of an object.
type objectFile struct {
	Fields []struct {
		Members []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
		} `xml:",any"`
	} `xml:"fields"`
}

// deploy FOLDER: gives the org the custom fields of a package in metadata format, each by
// the Tooling API with just the members that the package has.
func deploy(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	paths, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "objects", "*.object"))
	ts.Check(err)
	if len(paths) == 0 {
		ts.Fatalf("%s has no objects", args[0])
	}
	token := orgToken(ts)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		ts.Check(err)
		var file objectFile
		ts.Check(xml.Unmarshal(text, &file))
		object := strings.TrimSuffix(filepath.Base(path), ".object")
		for _, field := range file.Fields {
			metadata := make(map[string]any)
			for _, m := range field.Members {
				metadata[m.XMLName.Local] = typed(m.Text)
			}
			name := fmt.Sprint(object, ".", metadata["fullName"])
			delete(metadata, "fullName")
			define(ts, token, name, metadata)
		}
	}
}

// typed is the text of a member as JSON has it.
func typed(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

// orgToken logs in to the org.
func orgToken(ts *testscript.TestScript) string {
	response, err := http.PostForm(ts.Getenv("ORG")+"/services/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"sandbox-client"}, "client_secret": {"sandbox-secret"},
	})
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	var login struct {
		AccessToken string `json:"access_token"`
	}
	ts.Check(json.NewDecoder(response.Body).Decode(&login))
	return login.AccessToken
}

func define(ts *testscript.TestScript, token, name string, metadata map[string]any) {
	body, err := json.Marshal(map[string]any{"FullName": name, "Metadata": metadata})
	ts.Check(err)
	request, err := http.NewRequest(http.MethodPost, ts.Getenv("ORG")+"/services/data/v62.0/tooling/sobjects/CustomField", strings.NewReader(string(body)))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	ts.Check(err)
	if response.StatusCode != http.StatusCreated {
		ts.Fatalf("define %s: %d %s", name, response.StatusCode, answer)
	}
}
