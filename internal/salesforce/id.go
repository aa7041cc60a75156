package salesforce

import "strings"

const checksumAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// LongID returns the 18-character form of a record id: three characters that
// tell upper from lower case are added to the 15 of a short one. Anything else
// comes back as it is.
func LongID(id string) string {
	if len(id) != 15 || strings.ContainsFunc(id, func(r rune) bool { return !isAlphanumeric(r) }) {
		return id
	}
	var suffix [3]byte
	for group := range suffix {
		bits := 0
		for k := range 5 {
			if c := id[group*5+k]; c >= 'A' && c <= 'Z' {
				bits |= 1 << k
			}
		}
		suffix[group] = checksumAlphabet[bits]
	}
	return id + string(suffix[:])
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
