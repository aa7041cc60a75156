package salesforce_test

import (
	"errors"
	"strings"
	"testing"

	"conversion/internal/salesforce"
)

func TestHostsTrusted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url     string
		trusted bool
	}{
		{"https://login.salesforce.com", true},
		{"https://test.salesforce.com/", true},
		{"https://acme.my.salesforce.com", true},
		{"https://ACME.My.Salesforce.COM:443", true},
		{"https://acme--uat.sandbox.my.salesforce.com", true},
		{"https://acme-dev-ed.develop.my.salesforce.com", true},
		{"https://na135.salesforce.com/id/00D/005", true},
		{"https://acme.my.salesforce.mil", true},
		{"http://127.0.0.1:9080", true},
		{"https://127.0.0.1:9080", true},
		{"http://Sandbox.internal", true},

		{"http://login.salesforce.com", false},
		{"https://login.salesforce.com:8443", false},
		{"https://jo@login.salesforce.com", false},
		{"https://login.salesforce.com@evil.test", false},
		{"https://salesforce.com", false},
		{"https://evilsalesforce.com", false},
		{"https://login.salesforce.com.evil.test", false},
		{"https://login.salesforce.com.", false},
		{"https://evil.test／.salesforce.com", false},
		{"https://evil.test%2f.salesforce.com", false},
		{"https://acme.lightning.force.com", false},
		{"https://acme.my.site.com", false},
		{"https://127.0.0.1:9081", false},
		{"http://127.0.0.1", false},
		{"http://sandbox.internal:80", false},
		{"ftp://127.0.0.1:9080", false},
		{"login.salesforce.com", false},
		{"//login.salesforce.com", false},
		{"https://", false},
		{"", false},
		{"javascript:alert(1)", false},
	}
	hosts := salesforce.Hosts{Extra: []string{"127.0.0.1:9080", "sandbox.internal"}}
	for _, test := range tests {
		u, err := hosts.Trusted(test.url)
		if (err == nil) != test.trusted || (u != nil) != test.trusted {
			t.Errorf("%q: trusted %v, want %v (%v)", test.url, err == nil, test.trusted, err)
		}
		var untrusted *salesforce.UntrustedHostError
		if err != nil && strings.Contains(err.Error(), `""`) {
			t.Errorf("%q: %v names an empty host", test.url, err)
		}
		if err != nil && (!errors.As(err, &untrusted) || untrusted.Hint() == "") {
			t.Errorf("%q: %v is no UntrustedHostError with a hint", test.url, err)
		}
	}
}
