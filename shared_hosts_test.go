package conversion

import "testing"

func TestDomainOfSharedHosts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ because, website, want string }{
		{"a page of a social network is nobody's domain", "https://www.facebook.com/acme", ""},
		{"the network's hosts in other languages are no better", "de-de.facebook.com/acme", ""},
		{"a link page is nobody's domain", "linktr.ee/acme", ""},
		{"a site builder's own host is shared", "https://sites.google.com/view/acme", ""},
		{"a host of one's own at a site builder is one's own", "https://acme.wordpress.com", "acme.wordpress.com"},
		{"a name that ends like a shared host is another host", "notfacebook.com", "notfacebook.com"},
		{"an ordinary website has its domain", "www.acme.com", "acme.com"},
	} {
		if got := Domain(test.website); got != test.want {
			t.Errorf("%s: Domain(%q) = %q, want %q", test.because, test.website, got, test.want)
		}
	}
}

func TestFreeMail(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"gmail.com", "outlook.com", "yahoo.co.uk", "web.de", "qq.com", "icloud.com", "proton.me"} {
		if !FreeMail(domain) {
			t.Errorf("%s is not known as free mail", domain)
		}
	}
	for _, domain := range []string{"acme.com", "mail.acme.com", "gmail.com.acme.com", ""} {
		if FreeMail(domain) {
			t.Errorf("%s counts as free mail", domain)
		}
	}
}

func TestListsAreInTheFormOfDomains(t *testing.T) {
	t.Parallel()
	for domain := range freeMail() {
		if got := hostDomain(domain); got != domain {
			t.Errorf("free_mail.txt: %q is not a domain (%q)", domain, got)
		}
	}
	for host := range sharedHosts() {
		if len(host) < 4 {
			t.Errorf("shared_hosts.txt: %q is not a host", host)
		}
	}
}
