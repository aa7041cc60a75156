package sandbox

import "strings"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// recordID builds the 18-character id of a sequence number: key prefix, two
// characters that tell orgs apart, "0", nine digits in base 62, and the checksum.
// Ids of one object sort in the order of their numbers.
func recordID(prefix, pod string, number uint64) string {
	var b [15]byte
	copy(b[:], prefix+pod+"0")
	for i := 14; i >= 6; i-- {
		b[i] = base62[number%62]
		number /= 62
	}
	return string(b[:]) + checksum(string(b[:]))
}

// podOf derives the org's two characters from its seed.
func podOf(seed int64) string {
	n := uint64(seed) % (62 * 62)
	return string([]byte{base62[n/62], base62[n%62]})
}

// checksum computes the three characters that make 15 case-sensitive ones safe
// in case-insensitive stores: per group of five, one bit for each capital.
func checksum(id15 string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var sum [3]byte
	for group := range sum {
		bits := 0
		for i := range 5 {
			if c := id15[group*5+i]; 'A' <= c && c <= 'Z' {
				bits |= 1 << i
			}
		}
		sum[group] = alphabet[bits]
	}
	return string(sum[:])
}

// normaliseID turns a 15- or 18-character id into the 18-character form; it
// refuses anything else, a wrong checksum included.
func normaliseID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		if strings.IndexByte(base62, id[i]) < 0 {
			return "", false
		}
	}
	sum := checksum(id[:15])
	if len(id) == 18 && id[15:] != sum {
		return "", false
	}
	return id[:15] + sum, true
}

// shortID is the 15-character form of an 18-character id.
func shortID(id string) string { return id[:15] }
