package sandbox

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// An id is a key prefix of three characters, two that tell orgs apart, "0", three
// more that tell orgs apart, six digits in base 62 that number the records, and
// the checksum.
const (
	podLength = 5
	// pods is how many orgs have record ids of their own: 62 to the power of 5.
	pods = 62 * 62 * 62 * 62 * 62
)

// recordID builds the 18-character id of a sequence number in the org of a pod; a
// short pod is filled up with zeros. Ids of one object sort in the order of their numbers.
func recordID(prefix, pod string, number uint64) string {
	b := []byte(prefix + pod[:2] + "0" + (pod[2:] + "000")[:podLength-2] + "000000")
	number = digits(b[9:], number)
	if number > 0 {
		panic("sandbox: the org has run out of record ids")
	}
	return string(b) + checksum(string(b))
}

// digits writes a number in base 62 and returns what does not fit.
func digits(b []byte, number uint64) (rest uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = base62[number%62]
		number /= 62
	}
	return number
}

// podOf derives the characters that tell an org's records apart from those of
// another: seeds from 0 to 916,132,831 have their own, others one by chance.
func podOf(seed int64) string {
	n := uint64(seed)
	if n >= pods {
		h := fnv.New64a()
		_ = binary.Write(h, binary.BigEndian, n) // a hash never fails
		n = h.Sum64() % pods
	}
	b := make([]byte, podLength)
	digits(b[2:], digits(b[:2], n))
	return string(b)
}

// orgID is the id of the organisation of a seed; no two seeds share one.
func orgID(seed int64) string {
	if n := uint64(seed); n >= pods {
		var eleven [11]byte // hold any seed
		digits(eleven[:], n)
		id := "00D" + string(eleven[:2]) + "1" + string(eleven[2:])
		return id + checksum(id)
	}
	return recordID("00D", podOf(seed), 1)
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
