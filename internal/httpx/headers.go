package httpx

import (
	"net/http"
	"strings"
)

// Policy is what differs between installations in the security headers.
type Policy struct {
	// FormTargets are the origins besides our own to which a form's answer may
	// redirect: the login hosts that Connect leads to.
	FormTargets []string
	// HTTPS tells browsers to come back over HTTPS only.
	HTTPS bool
}

// SecurityHeaders sets the headers that keep a page to what we serve: no
// script, style, image or font from elsewhere, nothing inline, no framing.
func SecurityHeaders(policy Policy) Middleware {
	headers := map[string]string{
		"Content-Security-Policy":    contentPolicy(policy.FormTargets),
		"Cross-Origin-Opener-Policy": "same-origin",
		"Permissions-Policy":         "camera=(), geolocation=(), microphone=()",
		"Referrer-Policy":            "same-origin",
		"X-Content-Type-Options":     "nosniff",
		"X-Frame-Options":            "DENY",
	}
	if policy.HTTPS {
		headers["Strict-Transport-Security"] = "max-age=31536000"
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for name, value := range headers {
				w.Header().Set(name, value)
			}
			next.ServeHTTP(w, r)
		})
	}
}

func contentPolicy(formTargets []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data:",
		"font-src 'self'",
		"connect-src 'self'",
		strings.Join(append([]string{"form-action 'self'"}, formTargets...), " "),
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}
