package sandbox

import (
	"fmt"
	"strings"
)

func (g *generator) makeCompanies() *Error {
	for range max(1, g.n/10) {
		company := g.inventCompany()
		values := g.blank()
		values["Name"] = company.name
		values["Website"] = g.website(company.domain)
		values["Type"] = g.often(70, func() string { return g.pickOf("account", "Type") })
		values["Industry"] = g.often(80, func() string { return g.pickOf("account", "Industry") })
		values["Rating"] = g.often(30, func() string { return g.pickOf("account", "Rating") })
		values["Phone"] = g.often(70, g.phone)
		values["AnnualRevenue"] = float64(g.dice.IntN(5000)) * 10_000
		values["NumberOfEmployees"] = float64(1 + g.dice.IntN(20_000))
		g.address(values, "Billing")
		if len(g.companies) > 0 && g.chance(5) {
			values["ParentId"] = pick(g, g.companies).id
		}
		g.stampHistory(values)
		id, err := g.place("account", values)
		if err != nil {
			return err
		}
		company.id = id
		g.companies = append(g.companies, company)
	}
	return nil
}

// inventCompany gives a company a domain of its own, or, one time in eight, that
// of another: its branch, or the same company entered twice.
func (g *generator) inventCompany() inventedCompany {
	if len(g.companies) > 0 && g.chance(12) {
		other := pick(g, g.companies)
		return inventedCompany{name: other.name + pick(g, branchWords), domain: other.domain}
	}
	name := g.companyName()
	return inventedCompany{name: name, domain: g.freeDomain(name)}
}

func (g *generator) companyName() string {
	if g.chance(8) {
		return pick(g, oddCompanies)
	}
	names := []string{g.fake.LastName(), g.fake.LastName()}
	if g.chance(60) {
		names = names[:1]
	}
	return strings.Join(names, " & ") + " " + pick(g, trades) + pick(g, legalForms)
}

// freeDomain makes a domain below one that nobody can register (RFC 2606).
func (g *generator) freeDomain(name string) string {
	base := asciiWord(name, "-")
	if base == "" {
		base = "company"
	}
	base = clip(base, 40)
	g.domains[base]++
	if n := g.domains[base]; n > 1 {
		// No base ends in a digit, so no other one leads to this domain.
		return fmt.Sprintf("%s-%d.example", base, n)
	}
	return base + pick(g, []string{".example", ".example", ".test"})
}

// website spells a domain as people do, or gives none, or nonsense.
func (g *generator) website(domain string) any {
	switch roll := g.dice.IntN(100); {
	case roll < 5:
		return nil
	case roll < 7:
		return pick(g, []string{"n/a", "none", "-", "info@" + domain, "http://"})
	}
	spell := pick(g, spellings)
	return spell(domain)
}

var spellings = []func(domain string) string{
	func(d string) string { return d },
	func(d string) string { return "www." + d },
	func(d string) string { return "http://www." + d },
	func(d string) string { return "https://" + d + "/" },
	func(d string) string { return "HTTPS://WWW." + strings.ToUpper(d) + "/" },
	func(d string) string { return "https://" + d + ":443/about?lang=en#team" },
	func(d string) string { return "http://" + d + "." },
	func(d string) string { return strings.ToUpper(d[:1]) + d[1:] + ":8080" },
}

// phone is a number of the range that is set aside for fiction.
func (g *generator) phone() string {
	return fmt.Sprintf(pick(g, []string{"(%d) 555-01%02d", "+1 %d 555 01%02d", "%d-555-01%02d"}), 200+g.dice.IntN(700), g.dice.IntN(100))
}

// address fills an address compound, or leaves it blank.
func (g *generator) address(values map[string]any, prefix string) {
	if g.chance(25) {
		return
	}
	values[prefix+"Street"] = g.fake.Street()
	values[prefix+"City"] = clip(g.fake.City(), 40)
	values[prefix+"State"] = g.often(70, g.fake.State)
	values[prefix+"PostalCode"] = g.often(90, g.fake.Zip)
	values[prefix+"Country"] = pick(g, countries)
}
