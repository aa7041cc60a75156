package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// api is one side: an address and what opens it.
type api struct{ base, token string }

func (a api) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// record is a row of Salesforce by its fields' names.
type record map[string]any

func (r record) text(field string) string {
	s, _ := r[field].(string)
	return s
}

// both is what the two sides hold.
type both struct {
	variables map[string][]variable        // by contact and company
	records   map[string]map[string]record // live ones, by object and id
	entities  map[string][]entity          // by contact and company
	held      map[string]bool              // ids of records of which something is held
	heldHere  map[string]bool              // ids of contacts and companies of which something is held
	ignored   map[string]bool              // ids of records that belong to nobody
	activity  []engagement
}

type variable struct {
	Key     string   `json:"key"`
	Type    string   `json:"type"`
	Fields  []string `json:"salesforce_fields"`
	Mode    string   `json:"mode"`
	LeftOut bool     `json:"left_out"`
}

type entity struct {
	kind      string
	ID        string         `json:"id"`
	Email     string         `json:"email"`
	Name      string         `json:"name"`
	Domain    string         `json:"domain"`
	Variables map[string]any `json:"variables"`
	CompanyID string         `json:"company_id"`
	Links     []link         `json:"links"`
}

type link struct {
	Object   string `json:"object"`
	RecordID string `json:"record_id"`
	Status   string `json:"status"`
}

type engagement struct {
	ContactID string `json:"contact_id"`
	Record    *struct {
		Object   string `json:"object"`
		RecordID string `json:"record_id"`
	} `json:"record"`
	Deleted bool `json:"deleted"`
}

func readOrg(ctx context.Context, org, conversion api) (both, error) {
	b := both{
		variables: make(map[string][]variable), records: make(map[string]map[string]record), entities: make(map[string][]entity),
		held: make(map[string]bool), heldHere: make(map[string]bool), ignored: make(map[string]bool),
	}
	for _, step := range []func(context.Context, *both) error{
		conversion.readVariables, conversion.readEntities, conversion.readHeld, conversion.readIgnored, conversion.readActivity, org.readRecords,
	} {
		if err := step(ctx, &b); err != nil {
			return both{}, err
		}
	}
	return b, nil
}

// pages reads a list of Conversion's to its end.
func pages[T any](ctx context.Context, a api, path string) ([]T, error) {
	var all []T
	for cursor := ""; ; {
		var page struct {
			Data []T    `json:"data"`
			Next string `json:"next_cursor"`
		}
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		if err := a.get(ctx, "/api/v1"+path+separator+"limit=1000&cursor="+url.QueryEscape(cursor), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

var kinds = map[string]string{"contact": "/contacts", "company": "/companies"}

func (a api) readVariables(ctx context.Context, b *both) (err error) {
	for kind := range kinds {
		if b.variables[kind], err = pages[variable](ctx, a, "/variables?object="+kind); err != nil {
			return err
		}
	}
	return nil
}

func (a api) readEntities(ctx context.Context, b *both) (err error) {
	for kind, path := range kinds {
		if b.entities[kind], err = pages[entity](ctx, a, path); err != nil {
			return err
		}
		for i := range b.entities[kind] {
			b.entities[kind][i].kind = kind
		}
	}
	return nil
}

func (a api) readHeld(ctx context.Context, b *both) error {
	held, err := pages[struct {
		EntityID string `json:"entity_id"`
		RecordID string `json:"record_id"`
	}](ctx, a, "/held")
	for _, h := range held {
		b.held[h.RecordID], b.heldHere[h.EntityID] = true, true
	}
	return err
}

func (a api) readIgnored(ctx context.Context, b *both) error {
	ignored, err := pages[struct {
		RecordID string `json:"record_id"`
	}](ctx, a, "/ignored")
	for _, i := range ignored {
		b.ignored[i.RecordID] = true
	}
	return err
}

func (a api) readActivity(ctx context.Context, b *both) (err error) {
	b.activity, err = pages[engagement](ctx, a, "/engagements")
	return err
}

// readRecords reads every live record, archived ones included, with the fields that variables
// are the same as.
func (a api) readRecords(ctx context.Context, b *both) error {
	fields := map[string][]string{
		"Lead": {"Id", "Email", "IsConverted"}, "Contact": {"Id", "Email", "AccountId"}, "Account": {"Id", "Website"},
		"Task": {"Id", "WhoId"}, "Event": {"Id", "WhoId"},
	}
	for kind := range kinds {
		for _, v := range b.variables[kind] {
			for _, f := range v.Fields {
				object, name, _ := strings.Cut(f, ".")
				if !slices.Contains(fields[object], name) {
					fields[object] = append(fields[object], name)
				}
			}
		}
	}
	for object, names := range fields {
		records, err := a.query(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+object+" WHERE IsDeleted = false")
		if err != nil {
			return err
		}
		b.records[object] = make(map[string]record, len(records))
		for _, r := range records {
			b.records[object][r.text("Id")] = r
		}
	}
	return nil
}

func (a api) query(ctx context.Context, soql string) ([]record, error) {
	var all []record
	for path := "/services/data/v62.0/queryAll?q=" + url.QueryEscape(soql); path != ""; {
		var page struct {
			Records []record `json:"records"`
			Next    string   `json:"nextRecordsUrl"`
		}
		if err := a.get(ctx, path, &page); err != nil {
			return nil, err
		}
		all, path = append(all, page.Records...), page.Next
	}
	return all, nil
}
