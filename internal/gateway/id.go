package gateway

import (
	"strings"

	"conversion"
	"conversion/internal/salesforce"
)

const idSuffix = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// recordID brings a record's id to its 18 characters: a short one gets its checksum, and
// in a long one the checksum gives back upper and lower case to letters that lost it.
// Anything else comes back as it is.
func recordID(s string) string {
	s = strings.TrimSpace(s)
	if len(s) != 18 {
		return salesforce.LongID(s)
	}
	id, checksum := []byte(s[:15]), strings.ToUpper(s[15:])
	for i := range id {
		bits := strings.IndexByte(idSuffix, checksum[i/5])
		if bits < 0 {
			return s
		}
		id[i] = withCase(id[i], bits>>(i%5)&1 == 1)
	}
	if long := salesforce.LongID(string(id)); long[15:] == checksum {
		return long
	}
	return s
}

func withCase(c byte, upper bool) byte {
	switch {
	case upper && c >= 'a' && c <= 'z':
		return c - 'a' + 'A'
	case !upper && c >= 'A' && c <= 'Z':
		return c - 'A' + 'a'
	}
	return c
}

// prefixes tells by the beginning of an id which of the product's objects it is of.
var prefixes = map[string]conversion.Object{
	"00Q": conversion.Lead, "003": conversion.Contact, "001": conversion.Account,
	"00T": conversion.Task, "00U": conversion.Event, "005": conversion.User,
}

// refOf returns what an id names; zero when it names nothing of ours.
func refOf(id string) conversion.Ref {
	if len(id) < 15 || prefixes[id[:3]] == "" {
		return conversion.Ref{}
	}
	return conversion.Ref{Object: prefixes[id[:3]], ID: recordID(id)}
}
