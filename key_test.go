package conversion

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEmailsAreComparedTrimmedAndFolded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ because, typed, want string }{
		{"white space around it does not count", " \tann@acme.com\n", "ann@acme.com"},
		{"nor does case, on either side of the @", "Ann.Lee@ACME.com", "ann.lee@acme.com"},
		{"nor beyond ASCII", "ÄNNE@acme.com", "änne@acme.com"},
		{"dots are part of the address", "a.n.n@gmail.com", "a.n.n@gmail.com"},
		{"so is what follows a plus", "ann+news@gmail.com", "ann+news@gmail.com"},
		{"what is no address is not judged", "N/A", "n/a"},
		{"white space alone is no e-mail", "   ", ""},
	} {
		if got := Email(test.typed); got != test.want {
			t.Errorf("%s: Email(%q) = %q, want %q", test.because, test.typed, got, test.want)
		}
	}
}

func TestParseEmailJudgesWhatPeopleType(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 80-len("@acme.com"))
	for _, test := range []struct {
		because, typed string
		want           string // "" when it is refused
	}{
		{"an ordinary address", " Ann@Acme.com ", "ann@acme.com"},
		{"a plus and dots", "ann.lee+x@mail.acme.co.uk", "ann.lee+x@mail.acme.co.uk"},
		{"a domain in another script", "ann@bücher.example", "ann@bücher.example"},
		{"80 characters are what Salesforce holds", long + "@acme.com", long + "@acme.com"},
		{"characters are counted, not bytes", strings.Repeat("ä", 71) + "@acme.com", strings.Repeat("ä", 71) + "@acme.com"},
		{"81 characters are too many", "a" + long + "@acme.com", ""},
		{"nothing is no address", "", ""},
		{"a name beside it is not part of an address", "Ann <ann@acme.com>", ""},
		{"nor are brackets", "<ann@acme.com>", ""},
		{"nor is a comment", "ann@acme.com (work)", ""},
		{"one address, not two", "ann@acme.com, bob@acme.com", ""},
		{"it has an @", "ann.acme.com", ""},
		{"and one only", "ann@bob@acme.com", ""},
		{"with something before it", "@acme.com", ""},
		{"and a dotted domain after it", "ann@localhost", ""},
		{"which does not end in a dot", "ann@acme.com.", ""},
		{"nor hold two in a row", "ann@acme..com", ""},
		{"nor is an IP address", "ann@[192.0.2.1]", ""},
		{"white space within is none of it", "ann lee@acme.com", ""},
		{"quotes do not help", `"ann lee"@acme.com`, ""},
		{"it is no website", "https://acme.com", ""},
	} {
		got, ok := ParseEmail(test.typed)
		if ok != (test.want != "") || (ok && got != test.want) {
			t.Errorf("%s: ParseEmail(%q) = %q, %v; want %q", test.because, test.typed, got, ok, test.want)
		}
	}
}

func TestDomainOfWebsites(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ because, website, want string }{
		{"a bare host is its own domain", "acme.com", "acme.com"},
		{"the scheme does not count", "https://acme.com", "acme.com"},
		{"whichever it is", "ftp://acme.com", "acme.com"},
		{"nor does a scheme that was left open", "//acme.com", "acme.com"},
		{"nor does case", "HTTP://Acme.COM", "acme.com"},
		{"nor white space around it", "  acme.com\t", "acme.com"},
		{"nor a leading www.", "www.acme.com", "acme.com"},
		{"however often", "http://www.www.acme.com", "acme.com"},
		{"but any other host of a domain does", "shop.acme.com", "shop.acme.com"},
		{"www within the name too", "wwwacme.com", "wwwacme.com"},
		{"the port does not count", "https://acme.com:8443/shop", "acme.com"},
		{"also without a scheme", "acme.com:8080", "acme.com"},
		{"nor does the path", "acme.com/about/us", "acme.com"},
		{"nor the query", "acme.com?from=https://other.com", "acme.com"},
		{"nor an e-mail address in it", "acme.com?write=ann@other.com", "acme.com"},
		{"nor a handle in the path", "acme.com/@ann", "acme.com"},
		{"nor the fragment", "acme.com#team@work", "acme.com"},
		{"nor user info", "https://ann:secret@acme.com/", "acme.com"},
		{"also without a scheme, when it cannot be an e-mail address", "ann:secret@acme.com", "acme.com"},
		{"nor a trailing dot", "acme.com.", "acme.com"},
		{"nor all of them together", " HTTPS://ann@WWW.Acme.com.:443/x?y#z ", "acme.com"},
		{"an IDN is in its ASCII form", "https://www.bücher.example/", "xn--bcher-kva.example"},
		{"which is the same written either way", "xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"in capitals too", "BÜCHER.example", "xn--bcher-kva.example"},
		{"and with the full stops of other scripts", "www。bücher。example。", "xn--bcher-kva.example"},
		{"a country's second level needs a name below it", "acme.co.uk", "acme.co.uk"},
		{"without one it is nobody's", "www.co.uk", ""},
		{"a blank website has no domain", "", ""},
		{"nor has white space", " \n", ""},
		{"nor what people type for none", "n/a", ""},
		{"in any way", "N.A.", ""},
		{"in any", "none", ""},
		{"in any", "-", ""},
		{"in any", "?", ""},
		{"nor a scheme alone", "https://", ""},
		{"nor one without its colon", "http//acme.com", ""},
		{"nor two of them", "https://https://acme.com", ""},
		{"nor a sentence", "acme com", ""},
		{"nor two websites", "acme.com, acme.de", ""},
		{"nor two without a space", "acme.com;acme.de", ""},
		{"nor a link in angle brackets", "<acme.com>", ""},
		{"nor a host of the local network", "localhost:3000", ""},
		{"nor an IPv4 address", "http://192.0.2.1/", ""},
		{"in the digits of other scripts", "１９２.0.2.1", ""},
		{"nor an IPv6 address", "http://[2001:db8::1]/", ""},
		{"nor a number", "3.14", ""},
		{"nor an e-mail address", "ann@acme.com", ""},
		{"nor a link to one", "mailto:ann@acme.com", ""},
		{"nor a host with two dots in a row", "acme..com", ""},
		{"nor one with an empty label in front", ".acme.com", ""},
		{"nor a name no host can have", "ac_me!.com", ""},
		{"nor bytes that are no text", "https://acme%80.com", ""},
		{"nor a bad escape", "https://acme%zz.com", ""},
		{"a shared host never combines", "https://www.linkedin.com/company/acme", ""},
		{"also not with a port", "facebook.com:443/acme", ""},
	} {
		if got := Domain(test.website); got != test.want {
			t.Errorf("%s: Domain(%q) = %q, want %q", test.because, test.website, got, test.want)
		}
	}
}

func TestDomainOfEmails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ because, email, want string }{
		{"what follows the @", "Ann@Acme.com", "acme.com"},
		{"in ASCII", "ann@bücher.example", "xn--bcher-kva.example"},
		{"a shared host's people do work there", "ann@facebook.com", "facebook.com"},
		{"no @, no domain", "acme.com", ""},
		{"two are none", "ann@bob@acme.com", ""},
		{"an IP address is none", "ann@192.0.2.1", ""},
	} {
		if got := EmailDomain(test.email); got != test.want {
			t.Errorf("%s: EmailDomain(%q) = %q, want %q", test.because, test.email, got, test.want)
		}
	}
}

func TestWaysOfWritingAWebsiteHaveOneDomain(t *testing.T) {
	t.Parallel()
	one := func(t *rapid.T, label string, ways ...string) string { return rapid.SampledFrom(ways).Draw(t, label) }
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z][a-z0-9]{6,9}(-[a-z0-9]{1,5})?\.(com|de|co\.uk|example)`).Draw(t, "host")
		website := one(t, "space", "", " ") +
			one(t, "scheme", "http://", "https://", "//", "https://ann@", "http://ann:secret@", "") +
			one(t, "www", "www.", "WWW.", "") +
			one(t, "case", host, strings.ToUpper(host)) +
			one(t, "dot", ".", "") +
			one(t, "port", ":80", ":8443", "") +
			one(t, "path", "/", "/a/b.html", "?q=1", "#top", "/~ann@home", "")
		if got := Domain(website); got != host && !sharedHost(host) {
			t.Fatalf("Domain(%q) = %q, want %q", website, got, host)
		}
	})
}

func FuzzDomain(f *testing.F) {
	for _, website := range []string{"https://ann:x@www.acme.com:80/a?b#c", "www.www.acme.com.", "bücher.example", "n/a", "[::1]", "1.2.3", "a。b"} {
		f.Add(website)
	}
	f.Fuzz(func(t *testing.T, website string) {
		domain := Domain(website)
		if domain == "" {
			return
		}
		if again := Domain(domain); again != domain {
			t.Errorf("Domain(%q) = %q, whose own domain is %q", website, domain, again)
		}
		if strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.HasSuffix(domain, ".") {
			t.Errorf("Domain(%q) = %q, which is not a host in lower-case ASCII", website, domain)
		}
	})
}

func FuzzParseEmail(f *testing.F) {
	for _, email := range []string{" Ann@Acme.com", "a@b", "Ann <a@b.c>", `"a b"@c.de`, "ä@ö.com", "a@[1.2.3.4]"} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, ok := ParseEmail(typed)
		if !ok {
			return
		}
		if again, ok := ParseEmail(email); !ok || again != email {
			t.Errorf("ParseEmail(%q) = %q, which is read as %q, %v", typed, email, again, ok)
		}
		if Email(email) != email || strings.Count(email, "@") != 1 {
			t.Errorf("ParseEmail(%q) = %q, which is not in the form of Email", typed, email)
		}
	})
}
