package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// NewToken makes a token to hand out: an API key, a set-up link. clear is
// prefix, an underscore and 26 random characters (130 bits, base32); it is
// shown once and never stored. hash, 32 bytes, is what is stored.
func NewToken(prefix string) (clear string, hash []byte) {
	clear = prefix + "_" + rand.Text()
	return clear, HashToken(clear)
}

// HashToken returns the SHA-256 of a token, 32 bytes, under which it is stored
// and looked up. A token is random throughout, so nothing slower is needed;
// passwords are hashed elsewhere.
func HashToken(clear string) []byte {
	sum := sha256.Sum256([]byte(clear))
	return sum[:]
}

// TokenMatches reports whether hash is that of the token clear, in a time that
// does not depend on where they differ.
func TokenMatches(clear string, hash []byte) bool {
	return subtle.ConstantTimeCompare(HashToken(clear), hash) == 1
}
