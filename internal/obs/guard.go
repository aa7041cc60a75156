package obs

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// masked stands for a value that must not be read.
const masked = "[masked]"

// secretWords make an attribute secret when its key contains one of them.
var secretWords = []string{"token", "secret", "password", "authorization", "cookie", "api_key", "apikey", "email", "e-mail"}

// What is masked in any text: e-mail addresses, Salesforce session ids
// (organisation id, exclamation mark, signature), credentials of an
// Authorization header and the secret parameters of a URL.
var (
	emailText     = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`)
	sessionText   = regexp.MustCompile(`00D[A-Za-z0-9]{9,15}(!|%21)[A-Za-z0-9._%-]+`)
	bearerText    = regexp.MustCompile(`(?i)\b(bearer|basic) +[A-Za-z0-9._~+/!=-]{8,}`)
	parameterText = regexp.MustCompile(`(?i)([?&]code|\b(?:access_token|refresh_token|token|client_secret|password|code_verifier|assertion))=[^&\s"]+`)
)

// Guard wraps a handler so that attributes with secret keys, and texts inside
// any message or attribute that look like a secret or an e-mail address, come
// out masked.
func Guard(next slog.Handler) slog.Handler { return guard{next} }

type guard struct{ next slog.Handler }

// Enabled asks the wrapped handler.
func (g guard) Enabled(ctx context.Context, level slog.Level) bool {
	return g.next.Enabled(ctx, level)
}

// Handle masks the record and passes it on.
func (g guard) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, maskText(record.Message), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(maskAttr(attr))
		return true
	})
	return g.next.Handle(ctx, clean)
}

// WithAttrs masks the attributes once, for all records to come.
func (g guard) WithAttrs(attrs []slog.Attr) slog.Handler {
	return guard{g.next.WithAttrs(maskAttrs(attrs))}
}

// WithGroup passes the group on.
func (g guard) WithGroup(name string) slog.Handler {
	return guard{g.next.WithGroup(name)}
}

func maskAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = maskAttr(attr)
	}
	return clean
}

func maskAttr(attr slog.Attr) slog.Attr {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: attr.Key, Value: slog.GroupValue(maskAttrs(value.Group())...)}
	case slog.KindString:
		return slog.String(attr.Key, maskNamed(attr.Key, value.String()))
	case slog.KindAny:
		if value.Any() == nil {
			return attr
		}
		return slog.String(attr.Key, maskNamed(attr.Key, fmt.Sprintf("%+v", value.Any())))
	}
	return slog.Attr{Key: attr.Key, Value: value} // numbers, times: nothing to hide
}

func maskNamed(key, text string) string {
	key = strings.ToLower(key)
	for _, word := range secretWords {
		if strings.Contains(key, word) {
			return masked
		}
	}
	return maskText(text)
}

// maskText looks for the telling character first: nearly all texts are clean,
// and logging them must stay cheap.
func maskText(text string) string {
	if strings.Contains(text, "@") {
		text = emailText.ReplaceAllString(text, masked)
	}
	if strings.Contains(text, "00D") {
		text = sessionText.ReplaceAllString(text, masked)
	}
	if strings.Contains(text, " ") {
		text = bearerText.ReplaceAllString(text, "$1 "+masked)
	}
	if strings.Contains(text, "=") {
		text = parameterText.ReplaceAllString(text, "$1="+masked)
	}
	return text
}
