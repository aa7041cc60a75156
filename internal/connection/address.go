package connection

import (
	"errors"
	"strings"

	"conversion"
	"conversion/internal/salesforce"
)

// Login addresses that people may call by a word.
var loginWords = map[string]string{
	"":           "https://login.salesforce.com",
	"production": "https://login.salesforce.com",
	"sandbox":    "https://test.salesforce.com",
	"test":       "https://test.salesforce.com",
}

// loginAddress brings what an admin entered to scheme and host: a word, a host with or
// without https, or the address their browser shows, whose host serves no logins. The
// error names login_url.
func (s *Service) loginAddress(entered string) (string, error) {
	entered = strings.TrimSpace(entered)
	if address, ok := loginWords[strings.ToLower(entered)]; ok {
		return address, nil
	}
	if !strings.Contains(entered, "://") {
		entered = "https://" + entered
	}
	u, err := s.Hosts.Trusted(strings.Replace(entered, ".lightning.force.com", ".my.salesforce.com", 1))
	if err != nil {
		invalid := conversion.Invalid("login_url", "%v", err)
		if untrusted, ok := errors.AsType[*salesforce.UntrustedHostError](err); ok {
			invalid.Hint = untrusted.Hint()
		}
		return "", invalid
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}
