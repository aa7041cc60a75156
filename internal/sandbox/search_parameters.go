package sandbox

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"conversion/internal/sandbox/sosl"
)

// searchRequest is a search by parameters instead of a statement.
type searchRequest struct {
	Q               string           `json:"q"`
	In              string           `json:"in"`
	Fields          []string         `json:"fields"`
	SObjects        []searchedObject `json:"sobjects"`
	OverallLimit    searchNumber     `json:"overallLimit"`
	DefaultLimit    searchNumber     `json:"defaultLimit"`
	Offset          searchNumber     `json:"offset"`
	SpellCorrection *bool            `json:"spellCorrection"` // changes nothing here
}

// searchedObject is one object of the answer.
type searchedObject struct {
	Name    string       `json:"name"`
	Fields  []string     `json:"fields"`
	Where   string       `json:"where"`
	OrderBy string       `json:"orderBy"`
	Limit   searchNumber `json:"limit"`
}

// searchNumber is a number that may be sent as a text.
type searchNumber int

// UnmarshalJSON reads a number, or a text that holds one.
func (n *searchNumber) UnmarshalJSON(b []byte) error {
	var number int
	err := json.Unmarshal([]byte(strings.Trim(string(b), `"`)), &number)
	*n = searchNumber(number)
	return err
}

func (c *call) searchByBody() *Error {
	var sent searchRequest
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.searchBy(sent)
}

func (c *call) searchByURL() *Error {
	sent, err := readSearch(c.request.URL.Query())
	if err != nil {
		return err
	}
	return c.searchBy(sent)
}

// readSearch reads the parameters of an address. Those of one object have its
// name in front: Account.fields.
func readSearch(values url.Values) (searchRequest, *Error) {
	sent := searchRequest{Q: values.Get("q"), In: values.Get("in"), Fields: list(values.Get("fields"))}
	for _, name := range values["sobject"] {
		sent.SObjects = append(sent.SObjects, searchedObject{Name: name})
	}
	for name := range values {
		if err := sent.set(name, values.Get(name)); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (s *searchRequest) set(name, value string) *Error {
	number := func(into *searchNumber) *Error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", name+" must be a whole number")
		}
		*into = searchNumber(n)
		return nil
	}
	switch name {
	case "q", "in", "fields", "sobject", "spellCorrection":
		return nil
	case "overallLimit":
		return number(&s.OverallLimit)
	case "defaultLimit":
		return number(&s.DefaultLimit)
	case "offset":
		return number(&s.Offset)
	}
	object, member, _ := strings.Cut(name, ".")
	for i := range s.SObjects {
		if o := &s.SObjects[i]; strings.EqualFold(o.Name, object) {
			switch member {
			case "fields":
				o.Fields = list(value)
				return nil
			case "where":
				o.Where = value
				return nil
			case "orderBy":
				o.OrderBy = value
				return nil
			case "limit":
				return number(&o.Limit)
			}
		}
	}
	return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "the query parameter is not supported by this org: "+name)
}

// list cuts a text at its commas; "" is no list.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// searchBy runs a search as if it were a statement.
func (c *call) searchBy(sent searchRequest) *Error {
	c.soql = sent.Q
	terms, err := sosl.ParseTerms(sent.Q)
	if err != nil {
		return asSOSL(err)
	}
	s := &sosl.Search{Text: sent.Q, Find: terms, Group: sosl.All, Limit: -1}
	if sent.OverallLimit > 0 {
		s.Limit = int(sent.OverallLimit)
	}
	switch group := sosl.Group(strings.TrimSuffix(strings.ToUpper(sent.In), " FIELDS")); group {
	case "":
	case sosl.All, sosl.Names, sosl.Emails, sosl.Phones, sosl.Sidebar:
		s.Group = group
	default:
		return refusal("MALFORMED_SEARCH", "in is one of ALL, NAME, EMAIL, PHONE and SIDEBAR: "+sent.In)
	}
	if err := sent.check(); err != nil {
		return err
	}
	for _, o := range sent.SObjects {
		s.Returning = append(s.Returning, sent.returning(o))
	}
	return c.answerSearch(s)
}

func (s *searchRequest) check() *Error {
	switch {
	case len(s.SObjects) == 0 && (len(s.Fields) > 0 || s.DefaultLimit != 0):
		return refusal("MALFORMED_SEARCH", "fields and defaultLimit need at least one sobject")
	case s.Offset != 0 && len(s.SObjects) != 1:
		return refusal("MALFORMED_SEARCH", "offset needs exactly one sobject")
	case min(s.OverallLimit, s.DefaultLimit, s.Offset) < 0, max(s.OverallLimit, s.DefaultLimit, s.Offset) > mostFound:
		return refusal("MALFORMED_SEARCH", "Search limit must be between 1 and "+strconv.Itoa(mostFound))
	}
	for _, o := range s.SObjects {
		if o.Name == "" || strings.Trim(o.Name, base62+"_") != "" {
			return refusal("INVALID_TYPE", "sObject type '"+o.Name+"' is not supported.")
		}
	}
	return nil
}

// returning gives an object what is asked of all of them where it has nothing of
// its own.
func (s *searchRequest) returning(o searchedObject) sosl.Returning {
	fields, limit := o.Fields, o.Limit
	if len(fields) == 0 {
		fields = s.Fields
	}
	if limit == 0 {
		limit = s.DefaultLimit
	}
	var clauses []string
	if o.Where != "" {
		clauses = append(clauses, "WHERE "+o.Where)
	}
	if o.OrderBy != "" {
		clauses = append(clauses, "ORDER BY "+o.OrderBy)
	}
	if limit > 0 {
		clauses = append(clauses, "LIMIT "+strconv.Itoa(int(limit)))
	}
	if s.Offset > 0 {
		clauses = append(clauses, "OFFSET "+strconv.Itoa(int(s.Offset)))
	}
	return sosl.Returning{Object: o.Name, Fields: strings.Join(fields, ", "), Clauses: strings.Join(clauses, " ")}
}
