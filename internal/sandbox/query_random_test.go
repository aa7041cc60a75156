package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests here ask random queries and work the answers out a second time from
// whole records, one after the other, with rules of their own.

// scene is an org full of records with gaps, ties and deleted parents.
type scene struct {
	*client
	random   *rand.Rand
	records  map[string][]m // by object, in the order of ids
	accounts map[string]m
}

func newScene(t *testing.T, seed uint64) *scene {
	t.Helper()
	s := &scene{client: newClient(t, Options{}), random: rand.New(rand.NewPCG(seed, 7)), records: map[string][]m{}, accounts: map[string]m{}}
	var accounts, contacts []string
	for i := range 12 {
		accounts = append(accounts, s.insert("Account", m{"Name": fmt.Sprintf("%c%d", 'A'+i%5, i%3), "Industry": s.some("Banking", "Energy", nil)}))
	}
	for range 80 {
		contacts = append(contacts, s.insert("Contact", m{
			"LastName": s.some("ann", "Ann", "Bob", "b_b", "C%d", "Ärger").(string), "Email": s.some("a@x.test", "A@X.test", "b@x.test", nil),
			"AccountId": s.some(nil, accounts[0], accounts[1], accounts[2], accounts[11]), "Birthdate": s.some("1980-02-29", "1990-12-31", nil),
			"DoNotCall": s.some(true, false), "Title": s.some("CEO", "CTO", nil),
		}))
		if s.random.IntN(3) == 0 {
			s.org.Clock().Advance(time.Duration(s.random.IntN(40)) * time.Hour)
		}
	}
	for i := range 60 {
		s.insert("Lead", m{"LastName": fmt.Sprint("L", i%7), "Company": "Acme", "NumberOfEmployees": s.some(nil, 1, 5, 5.0, 70), "AnnualRevenue": s.some(nil, 1e6, 2.5e6)})
	}
	s.token = s.org.IssueToken() // the first has grown old
	for i, id := range contacts {
		if i%9 == 0 {
			s.want(204, nil, "DELETE", v67+"/sobjects/Contact/"+id, nil)
		}
	}
	s.read("Account", accounts)
	for _, a := range s.records["Account"] {
		s.accounts[a["Id"].(string)] = a
	}
	for _, object := range []string{"Contact", "Lead"} {
		var ids []string
		for _, r := range s.query("SELECT Id FROM " + object).Records {
			ids = append(ids, r["Id"].(string))
		}
		s.read(object, ids)
	}
	return s
}

func (s *scene) read(object string, ids []string) {
	slices.Sort(ids)
	for _, id := range ids {
		record, _ := s.org.Get(id)
		s.records[object] = append(s.records[object], record)
	}
}

func (s *scene) some(values ...any) any { return values[s.random.IntN(len(values))] }

// asked is a condition as it is sent, and as it is worked out.
type asked struct {
	text  string
	holds func(m) bool
}

// guess is a field with literals to compare it with; value reads it from a record.
type guess struct {
	object, path, kind string
	literals           []string
	value              func(*scene, m) any
}

func own(name string) func(*scene, m) any { return func(_ *scene, r m) any { return r[name] } }

func ofAccount(name string) func(*scene, m) any {
	return func(s *scene, r m) any {
		id, _ := r["AccountId"].(string)
		if a, ok := s.accounts[id]; ok {
			return a[name]
		}
		return nil
	}
}

var guesses = []guess{
	{"Contact", "LastName", "text", []string{"'ann'", "'BOB'", "'c%d'", "'ä'"}, own("LastName")},
	{"Contact", "Email", "text", []string{"'a@x.test'", "'B@X.TEST'", "null", "''"}, own("Email")},
	{"Contact", "Title", "text", []string{"'ceo'", "'CTO'", "null"}, own("Title")},
	{"Contact", "Account.Name", "text", []string{"'A0'", "'b1'", "null"}, ofAccount("Name")},
	{"Contact", "Account.Industry", "text", []string{"'Banking'", "null"}, ofAccount("Industry")},
	{"Contact", "Birthdate", "date", []string{"1980-02-29", "1985-01-01", "null"}, own("Birthdate")},
	{"Contact", "DoNotCall", "bool", []string{"true", "false"}, own("DoNotCall")},
	{"Contact", "SystemModstamp", "stamp", []string{"2026-01-31T09:00:00Z", "2026-02-05T09:00:00Z", "2026-02-10T10:00:00+01:00"}, own("SystemModstamp")},
	{"Contact", "CreatedDate", "stamp", []string{"2026-01-31T09:00:00Z", "2026-02-03T00:00:00.500Z"}, own("CreatedDate")},
	{"Lead", "NumberOfEmployees", "number", []string{"1", "5", "5.5", "-3", "null"}, own("NumberOfEmployees")},
	{"Lead", "AnnualRevenue", "number", []string{"1000000", "2.5e6", "USD2000000", "null"}, own("AnnualRevenue")},
	{"Lead", "LastName", "text", []string{"'L1'", "'l3'", "'L'"}, own("LastName")},
	{"Lead", "SystemModstamp", "stamp", []string{"2026-02-10T09:00:00Z"}, own("SystemModstamp")},
}

// condition makes a random condition on an object.
func (s *scene) condition(object string, depth int) asked {
	if depth > 0 && s.random.IntN(3) > 0 {
		return s.compound(object, depth-1)
	}
	var fitting []guess
	for _, f := range guesses {
		if f.object == object {
			fitting = append(fitting, f)
		}
	}
	if object == "Contact" && s.random.IntN(6) == 0 {
		return s.idCondition()
	}
	return s.comparison(fitting[s.random.IntN(len(fitting))])
}

func (s *scene) compound(object string, depth int) asked {
	a, b := s.condition(object, depth), s.condition(object, depth)
	switch s.random.IntN(3) {
	case 0:
		return asked{"(" + a.text + " AND " + b.text + ")", func(r m) bool { return a.holds(r) && b.holds(r) }}
	case 1:
		return asked{"(" + a.text + " OR " + b.text + ")", func(r m) bool { return a.holds(r) || b.holds(r) }}
	}
	return asked{"(NOT " + a.text + ")", func(r m) bool { return !a.holds(r) }}
}

func (s *scene) idCondition() asked {
	of := s.records["Contact"]
	id := of[s.random.IntN(len(of))]["Id"].(string)
	switch s.random.IntN(4) {
	case 0:
		return asked{"Id > '" + id + "'", func(r m) bool { return r["Id"].(string) > id }}
	case 1:
		return asked{"Id = '" + id[:15] + "'", func(r m) bool { return r["Id"] == id }}
	case 2:
		account := of[s.random.IntN(len(of))]["AccountId"]
		if account == nil {
			return asked{"AccountId = null", func(r m) bool { return r["AccountId"] == nil }}
		}
		return asked{fmt.Sprintf("AccountId IN ('%s')", account), func(r m) bool { return r["AccountId"] == account }}
	}
	return asked{"Id NOT IN ('" + id + "')", func(r m) bool { return r["Id"] != id }}
}

func (s *scene) comparison(f guess) asked {
	literal := f.literals[s.random.IntN(len(f.literals))]
	ops := []string{"=", "!=", "<", "<=", ">", ">="}
	switch {
	case literal == "null" || literal == "''" || f.kind == "bool":
		ops = ops[:2]
	case f.kind == "text" && s.random.IntN(3) == 0:
		return s.like(f)
	}
	if s.random.IntN(5) == 0 {
		return s.list(f)
	}
	op := ops[s.random.IntN(len(ops))]
	return asked{f.path + " " + op + " " + literal, func(r m) bool { return naive(f, op, f.value(s, r), literal) }}
}

func (s *scene) list(f guess) asked {
	op := s.some("IN", "NOT IN").(string)
	listed := []string{f.literals[s.random.IntN(len(f.literals))], f.literals[s.random.IntN(len(f.literals))]}
	return asked{f.path + " " + op + " (" + strings.Join(listed, ", ") + ")", func(r m) bool {
		found := slices.ContainsFunc(listed, func(literal string) bool { return naive(f, "=", f.value(s, r), literal) })
		return found == (op == "IN")
	}}
}

func (s *scene) like(f guess) asked {
	pattern := s.some("a%", "%B", "_nn", "%", "b\\_b", "c\\%_", "%0").(string)
	return asked{f.path + " LIKE '" + pattern + "'", func(r m) bool {
		v, ok := f.value(s, r).(string)
		return ok && likeNaively(strings.ToLower(v), strings.ToLower(pattern))
	}}
}

// naive compares by turning both sides into numbers or lower-case text.
func naive(f guess, op string, got any, literal string) bool {
	if literal == "null" || literal == "''" {
		return (got == nil) == (op == "=")
	}
	if got == nil {
		return op == "!="
	}
	c := compareNaively(f.kind, got, literal)
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func compareNaively(kind string, got any, literal string) int {
	switch kind {
	case "number":
		var want float64
		if _, err := fmt.Sscan(strings.TrimPrefix(literal, "USD"), &want); err != nil {
			panic(err)
		}
		switch x := got.(float64); {
		case x < want:
			return -1
		case x > want:
			return 1
		}
		return 0
	case "stamp":
		at, _ := time.Parse("2006-01-02T15:04:05.000-0700", got.(string))
		with, _ := time.Parse(time.RFC3339Nano, literal)
		return at.Compare(with)
	}
	return strings.Compare(strings.ToLower(fmt.Sprint(got)), strings.ToLower(strings.Trim(literal, "'")))
}

func likeNaively(v, pattern string) bool {
	text, like := []rune(v), []rune(pattern)
	switch {
	case len(like) == 0:
		return len(text) == 0
	case like[0] == '%':
		return likeNaively(v, string(like[1:])) || len(text) > 0 && likeNaively(string(text[1:]), pattern)
	case len(text) == 0:
		return false
	case like[0] == '\\':
		return text[0] == like[1] && likeNaively(string(text[1:]), string(like[2:]))
	}
	return (like[0] == '_' || like[0] == text[0]) && likeNaively(string(text[1:]), string(like[1:]))
}

// ordered sorts records by a field, ties by id.
func (s *scene) ordered(records []m, f guess, desc, nullsLast bool) {
	slices.SortFunc(records, func(a, b m) int {
		x, y := f.value(s, a), f.value(s, b)
		c := 0
		switch {
		case x == nil && y == nil:
		case x == nil || y == nil:
			if c = 1; (x == nil) != nullsLast {
				c = -1
			}
		case f.kind == "number":
			c = compareNaively("number", x, fmt.Sprint(y))
		default:
			c = strings.Compare(strings.ToLower(fmt.Sprint(x)), strings.ToLower(fmt.Sprint(y)))
		}
		if desc && x != nil && y != nil {
			c = -c
		}
		if c == 0 {
			return strings.Compare(a["Id"].(string), b["Id"].(string))
		}
		return c
	})
}

func TestRandomQueriesAnswerLikeAScanOfAllRecords(t *testing.T) {
	t.Parallel()
	s := newScene(t, 1)
	for range 1500 {
		object := s.some("Contact", "Contact", "Lead").(string)
		where := s.condition(object, 3)
		text := "SELECT Id FROM " + object + " WHERE " + where.text
		var want []m
		for _, r := range s.records[object] {
			if where.holds(r) {
				want = append(want, r)
			}
		}
		text, want = s.arranged(object, text, want)
		var found, expected []string
		for _, r := range s.query(text).Records {
			found = append(found, r["Id"].(string))
		}
		for _, r := range want {
			expected = append(expected, r["Id"].(string))
		}
		if !slices.Equal(found, expected) {
			t.Fatalf("%s\ngot  %v\nwant %v", text, found, expected)
		}
	}
}

// arranged adds a random ORDER BY, LIMIT and OFFSET to a query and to its answer.
func (s *scene) arranged(object, text string, want []m) (string, []m) {
	var fitting []guess
	for _, f := range guesses {
		if f.object == object && f.kind != "bool" {
			fitting = append(fitting, f)
		}
	}
	by := fitting[s.random.IntN(len(fitting))]
	desc, nullsLast := s.random.IntN(2) == 0, s.random.IntN(2) == 0
	text += " ORDER BY " + by.path
	if desc {
		text += " DESC"
	}
	if nullsLast {
		text += " NULLS LAST"
	}
	text += ", Id"
	s.ordered(want, by, desc, nullsLast)
	if s.random.IntN(2) == 0 {
		limit, offset := s.random.IntN(20), s.random.IntN(5)
		text += fmt.Sprintf(" LIMIT %d OFFSET %d", limit, offset)
		want = want[min(offset, len(want)):]
		want = want[:min(limit, len(want))]
	}
	return text, want
}

func TestRandomGroupsCountLikeAScanOfAllRecords(t *testing.T) {
	t.Parallel()
	s := newScene(t, 2)
	for range 300 {
		where := s.condition("Contact", 2)
		least := s.random.IntN(4)
		want := map[string]int{}
		for _, r := range s.records["Contact"] {
			if where.holds(r) {
				want[fmt.Sprint(ofAccount("Industry")(s, r), r["DoNotCall"])]++
			}
		}
		text := fmt.Sprintf("SELECT Account.Industry i, DoNotCall d, COUNT(Id) n FROM Contact WHERE %s GROUP BY Account.Industry, DoNotCall HAVING COUNT(Id) > %d", where.text, least)
		for _, group := range s.query(text).Records {
			key := fmt.Sprint(group["i"], group["d"])
			if float64(want[key]) != group["n"] || want[key] <= least {
				t.Fatalf("%s: %v, want %d", text, group, want[key])
			}
			delete(want, key)
		}
		for key, n := range want {
			if n > least {
				t.Fatalf("%s: no group %s of %d", text, key, n)
			}
		}
	}
}

func TestRandomSemiJoinsAnswerLikeAScanOfAllRecords(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3)
	for range 300 {
		inner, op := s.condition("Contact", 2), s.some("IN", "NOT IN").(string)
		wanted := map[any]bool{}
		for _, r := range s.records["Contact"] {
			if inner.holds(r) && r["AccountId"] != nil {
				wanted[r["AccountId"]] = true
			}
		}
		text := "SELECT Id, (SELECT Id FROM Contacts WHERE " + inner.text + ") FROM Account WHERE Id " + op + " (SELECT AccountId FROM Contact WHERE " + inner.text + ")"
		found := map[any]bool{}
		for _, r := range s.query(text).Records {
			found[r["Id"]] = true
			if (r["Contacts"] != nil) != (op == "IN") {
				t.Fatalf("%s: children %v", text, r["Contacts"])
			}
		}
		for id := range s.accounts {
			if found[id] != (wanted[id] == (op == "IN")) {
				t.Fatalf("%s: found %v, wanted %v", text, found, wanted)
			}
		}
	}
}
