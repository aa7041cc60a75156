package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"conversion/internal/salesforce/soql"
)

// Identity is the user that is logged in.
type Identity struct {
	UserID   string `json:"user_id"`
	OrgID    string `json:"organization_id"`
	Username string `json:"preferred_username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Identity asks who is logged in. It does not count against the API budget.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	var identity Identity
	err := c.do(ctx, call{
		what:    "identity",
		method:  http.MethodGet,
		path:    "/services/oauth2/userinfo",
		timeout: c.config.Timeouts.Quick,
		bound:   smallBody,
		free:    true,
		read:    into(&identity),
	})
	identity.UserID, identity.OrgID = LongID(identity.UserID), LongID(identity.OrgID)
	return identity, err
}

// Organization is the org itself.
type Organization struct {
	ID        string
	Name      string
	Type      string // edition, such as "Enterprise Edition"
	Instance  string // such as NA135
	IsSandbox bool
}

// Organization reads the org's own record.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	page, err := c.Query(ctx, soql.Select("Id", "Name", "OrganizationType", "InstanceName", "IsSandbox").From("Organization"))
	if err != nil {
		return Organization{}, err
	}
	if len(page.Rows) != 1 {
		return Organization{}, fmt.Errorf("organization: %d rows in place of one", len(page.Rows))
	}
	row := page.Rows[0]
	return Organization{
		ID:        row[0].Text,
		Name:      row[1].Text,
		Type:      row[2].Text,
		Instance:  row[3].Text,
		IsSandbox: row[4].Text == "true",
	}, nil
}

// Allowance is one limit of the org.
type Allowance struct {
	Max       int `json:"Max"`
	Remaining int `json:"Remaining"` // may be below zero for a while
}

// Limits reads the org's limits by name, such as DailyApiRequests or
// DataStorageMB.
func (c *Client) Limits(ctx context.Context) (map[string]Allowance, error) {
	limits := map[string]Allowance{}
	err := c.do(ctx, c.get("limits", "/limits", into(&limits)))
	return limits, err
}

// Deleted are the records of one object that were deleted in a time.
type Deleted struct {
	Records []DeletedRecord
	// Earliest is how far back Salesforce still knows, Latest up to when the
	// answer is complete: the start of the next question.
	Earliest, Latest time.Time
}

// DeletedRecord is a record in, or purged from, the recycle bin.
type DeletedRecord struct {
	ID string
	At time.Time
}

// GetDeleted asks which records of an object were deleted from start to end;
// seconds do not count, and start may lie at most 15 days back.
func (c *Client) GetDeleted(ctx context.Context, object string, start, end time.Time) (Deleted, error) {
	var wire struct {
		Records []struct {
			ID string `json:"id"`
			At string `json:"deletedDate"`
		} `json:"deletedRecords"`
		Earliest string `json:"earliestDateAvailable"`
		Latest   string `json:"latestDateCovered"`
	}
	path, err := c.objectPath(object, "deleted")
	if err != nil {
		return Deleted{}, err
	}
	request := c.get("deleted "+object, path, into(&wire))
	request.query = map[string][]string{
		"start": {start.UTC().Format(time.RFC3339)},
		"end":   {end.UTC().Format(time.RFC3339)},
	}
	request.bound = pageBody
	if err := c.do(ctx, request); err != nil {
		return Deleted{}, err
	}
	deleted := Deleted{Records: make([]DeletedRecord, len(wire.Records))}
	times := timeReader{}
	for i, record := range wire.Records {
		deleted.Records[i] = DeletedRecord{ID: LongID(record.ID), At: times.read(record.At)}
	}
	deleted.Earliest, deleted.Latest = times.read(wire.Earliest), times.read(wire.Latest)
	return deleted, times.err
}

// timeReader reads datetimes and keeps the first mistake.
type timeReader struct{ err error }

func (r *timeReader) read(text string) time.Time {
	t, err := ParseTime(text)
	if err != nil && r.err == nil {
		r.err = err
	}
	return t
}

// get is a quick, small read below the version's path.
func (c *Client) get(what, path string, read func(answer) error) call {
	return call{
		what:    what,
		method:  http.MethodGet,
		path:    c.versioned(path),
		timeout: c.config.Timeouts.Quick,
		bound:   smallBody,
		read:    read,
	}
}

func (c *Client) versioned(path string) string {
	return "/services/data/" + c.config.APIVersion + path
}

// objectPath returns the path of an object's resource, or refuses a name that
// would lead elsewhere.
func (c *Client) objectPath(object, resource string) (string, error) {
	if !isAPIName(object) {
		return "", notAPIName(object)
	}
	return "/sobjects/" + object + "/" + resource, nil
}

func isAPIName(name string) bool {
	for i, r := range name {
		if !isAlphanumeric(r) && (r != '_' || i == 0) {
			return false
		}
	}
	return name != ""
}

func notAPIName(name string) *Error {
	return &Error{Message: strconv.Quote(name) + " is not an API name", Class: FixInConversion}
}

// into decodes an answer's JSON.
func into(target any) func(answer) error {
	return func(a answer) error { return json.NewDecoder(a.body).Decode(target) }
}
