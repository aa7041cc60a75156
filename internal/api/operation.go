package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	maxBatchBody = 32 << 20 // bytes; any other body: huma's 1 MiB
	batchWithin  = time.Minute
)

// newHuma returns the API's framework on the mux: its own pages off, so that the table of
// routes is all there is.
func newHuma(mux humago.Mux) huma.API {
	return humago.NewWithPrefix(mux, Prefix, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Conversion", Version: "1",
				Description: "Contacts and companies kept aligned with a Salesforce org. Names are snake_case, times RFC 3339 in UTC, errors RFC 9457 problem details.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "An API key."},
					"header": {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "An API key."},
				},
			},
			Security: []map[string][]string{{"bearer": {}}, {"header": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": digits, "json": digits},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

// digits is JSON whose numbers keep the digits they were written with.
var digits = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(v); err != nil {
			return err
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return errors.New("there is something after the JSON value")
		}
		return nil
	},
}

// route adds one call to the API.
func route[I, O any](a *api, methodAndPath, summary string, handle func(context.Context, *I) (*O, error), options ...func(*api, *huma.Operation)) {
	method, path, _ := strings.Cut(methodAndPath, " ")
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	op := huma.Operation{
		OperationID: operationID(method, path), Method: method, Path: path, Summary: summary, Tags: []string{tag},
		Responses: map[string]*huma.Response{"default": a.response("What went wrong.", reflect.TypeFor[problem](), "application/problem+json")},
	}
	for _, set := range options {
		set(a, &op)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// operationID gives "get-contacts-id-timeline".
func operationID(method, path string) string {
	return strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path)
}

func (a *api) response(description string, t reflect.Type, contentType string) *huma.Response {
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{contentType: {Schema: a.schemaOf(t)}},
	}
}

func (a *api) schemaOf(t reflect.Type) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(t, true, "")
}

// creates documents that a call answers with 201.
func creates(_ *api, op *huma.Operation) { op.DefaultStatus = http.StatusCreated }

// accepts documents that a call answers with 202: the work is done later.
func accepts(_ *api, op *huma.Operation) { op.DefaultStatus = http.StatusAccepted }

// upserts documents that a call answers with 201 or, when it was there, with 200.
func upserts[Body any](a *api, op *huma.Operation) {
	op.DefaultStatus = http.StatusCreated
	op.Responses["200"] = a.response("It was there, and is updated.", reflect.TypeFor[Body](), "application/json")
}

// large allows the body of a whole batch.
func large(_ *api, op *huma.Operation) {
	op.MaxBodyBytes, op.BodyReadTimeout = maxBatchBody, batchWithin
}

// document serves the description of all routes.
func (a *api) document() http.Handler {
	body, err := json.Marshal(a.huma.OpenAPI())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			writeProblem(w, r, a.problem(r.Context(), err))
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(body) // the client is gone; nobody is left to tell
	})
}
