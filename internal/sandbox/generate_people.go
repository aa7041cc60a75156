package sandbox

import (
	"fmt"
	"strings"
)

func (g *generator) makePeople() *Error {
	for range g.n {
		next := g.makeContact
		if g.chance(50) {
			next = g.makeLead
		}
		if err := next(); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) makeContact() *Error {
	p := inventedPerson{company: -1}
	if g.chance(85) {
		p.company = g.dice.IntN(len(g.companies))
	}
	domain := ""
	if p.company >= 0 {
		domain = g.companies[p.company].domain
	}
	p = g.identify(p, domain, 96)
	values := g.personValues(p)
	values["Department"] = g.often(40, func() string { return pick(g, departments) })
	values["Birthdate"] = g.often(10, func() string { return dayOf(g.tx.now - 20*oneYear - g.dice.Int64N(40*oneYear)) })
	if p.company >= 0 {
		values["AccountId"] = g.companies[p.company].id
	}
	g.address(values, "Mailing")
	return g.placePerson("contact", p, values)
}

func (g *generator) makeLead() *Error {
	if g.chance(6) {
		if contact, ok := g.unpaired(false); ok && contact.company >= 0 {
			return g.makeConvertedLead(contact)
		}
	}
	p := inventedPerson{isLead: true, company: -1}
	company := inventedCompany{name: g.companyName()}
	if g.chance(70) {
		company = pick(g, g.companies)
	}
	p = g.identify(p, company.domain, 90)
	values := g.leadValues(p, company)
	values["Status"] = pick(g, []string{"Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"})
	return g.placePerson("lead", p, values)
}

// makeConvertedLead makes the lead that a contact once was: its conversion made
// the contact.
func (g *generator) makeConvertedLead(contact *inventedPerson) *Error {
	contact.isPaired = true
	company := g.companies[contact.company]
	p := inventedPerson{isLead: true, isPaired: true, company: -1, email: contact.email, first: contact.first, last: contact.last}
	values := g.leadValues(p, company)
	values["Status"] = g.tx.org.firstStatus("LeadStatus", "IsConverted")
	values["IsConverted"] = true
	values["IsUnreadByOwner"] = false
	values["ConvertedDate"] = dayOf(contact.created)
	values["ConvertedContactId"] = contact.id
	values["ConvertedAccountId"] = company.id
	entered := max(contact.created-g.dice.Int64N(90*day), g.tx.now-twoYears)
	g.stampAt(values, entered, contact.created)
	_, err := g.place("lead", values)
	return err
}

func (g *generator) leadValues(p inventedPerson, company inventedCompany) map[string]any {
	values := g.personValues(p)
	values["Company"] = company.name
	if company.domain != "" && g.chance(40) {
		values["Website"] = g.website(company.domain)
	}
	values["Industry"] = g.often(50, func() string { return g.pickOf("lead", "Industry") })
	values["Rating"] = g.often(30, func() string { return g.pickOf("lead", "Rating") })
	g.address(values, "")
	return values
}

func (g *generator) personValues(p inventedPerson) map[string]any {
	values := g.blank()
	values["FirstName"] = nilIfEmpty(p.first)
	values["LastName"] = p.last
	values["Email"] = nilIfEmpty(p.email)
	values["Salutation"] = g.often(30, func() string { return g.pickOf("contact", "Salutation") })
	values["Title"] = g.often(75, func() string { return pick(g, titles) })
	values["Phone"] = g.often(70, g.phone)
	values["MobilePhone"] = g.often(40, g.phone)
	values["LeadSource"] = g.often(60, func() string { return g.pickOf("lead", "LeadSource") })
	values["Description"] = g.often(15, func() string { return pick(g, remarks) })
	values["HasOptedOutOfEmail"] = g.chance(8)
	values["HasOptedOutOfFax"] = g.chance(2)
	values["DoNotCall"] = g.chance(4)
	return values
}

func (g *generator) placePerson(object string, p inventedPerson, values map[string]any) *Error {
	p.created = g.stampHistory(values)
	id, err := g.place(object, values)
	if err != nil {
		return err
	}
	p.id = id
	g.people = append(g.people, p)
	return nil
}

// identify gives a person a name and, so many times in a hundred, an e-mail: one
// time in eight that of somebody already there, mostly of the other kind.
func (g *generator) identify(p inventedPerson, domain string, withEmail int) inventedPerson {
	if g.chance(12) {
		sameKind := g.chance(10)
		if other, ok := g.unpaired(p.isLead == sameKind); ok {
			other.isPaired, p.isPaired = true, true
			p.first, p.last, p.email = other.first, other.last, g.respell(other.email)
			return p
		}
	}
	p.first, p.last = g.personName()
	if g.chance(withEmail) {
		p.email = g.freeAddress(p.first, p.last, domain)
	}
	return p
}

// unpaired finds somebody with an e-mail that nobody shares yet.
func (g *generator) unpaired(lead bool) (*inventedPerson, bool) {
	for range 8 {
		if len(g.people) == 0 {
			break
		}
		p := &g.people[g.dice.IntN(len(g.people))]
		if p.isLead == lead && !p.isPaired && p.email != "" {
			return p, true
		}
	}
	return nil, false
}

// respell writes an e-mail as a second person might have entered it.
func (g *generator) respell(email string) string {
	if g.chance(25) {
		return strings.ToUpper(email[:1]) + email[1:]
	}
	return email
}

func (g *generator) personName() (first, last string) {
	if g.chance(8) {
		name := pick(g, oddNames)
		return name.first, name.last
	}
	if g.chance(3) {
		return "", g.fake.LastName()
	}
	return g.fake.FirstName(), g.fake.LastName()
}

// freeAddress makes an e-mail that nobody has yet, at the company's domain or at
// a free mailer's.
func (g *generator) freeAddress(first, last, domain string) string {
	if domain == "" || g.chance(20) {
		domain = pick(g, freeMailers)
	}
	name := clip(emailName(first, last), 40)
	for i := 1; ; i++ {
		email := name + "@" + domain
		if i > 1 {
			email = fmt.Sprintf("%s%d@%s", name, i, domain)
		}
		if i > 3 { // a common name: counting up would take long
			email = fmt.Sprintf("%s%d@%s", name, 10+g.dice.IntN(10*g.n+100), domain)
		}
		if !g.addresses[email] {
			g.addresses[email] = true
			return email
		}
	}
}
