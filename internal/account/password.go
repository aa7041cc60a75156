package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"conversion"
)

// MinPassword is the least length of a password, in characters.
const MinPassword = 12

// maxPassword bounds what is hashed, in bytes.
const maxPassword = 1024

// cost is what hashing a password takes; it is stored with each hash, so that it can be
// raised later.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var present = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// passwords hashes with argon2id. Only as many hashes run at once as there are
// processors: each takes its memory, and anybody can ask for a sign-in.
type passwords struct {
	slots chan struct{}
	decoy string // the hash of nobody's password
}

func newPasswords() *passwords {
	salt := make([]byte, saltSize)
	return &passwords{
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		decoy: encode(present, salt, make([]byte, hashSize)),
	}
}

func validPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return conversion.Invalid("password", "must have at least %d characters", MinPassword)
	case len(password) > maxPassword:
		return conversion.Invalid("password", "is longer than %d bytes", maxPassword)
	}
	return nil
}

// hash returns the PHC string of a password under a new salt.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	sum, err := p.derive(ctx, password, salt, present, hashSize)
	if err != nil {
		return "", err
	}
	return encode(present, salt, sum), nil
}

// matches reports whether password is the one that was hashed. Without a hash it takes
// as long and says no, so that nobody learns from the time who has an account.
func (p *passwords) matches(ctx context.Context, password, hashed string) (bool, error) {
	known := hashed != ""
	if !known {
		hashed = p.decoy
	}
	c, salt, want, err := decode(hashed)
	if err != nil {
		return false, err
	}
	if len(password) > maxPassword {
		return false, nil
	}
	got, err := p.derive(ctx, password, salt, c, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

func (p *passwords) derive(ctx context.Context, password string, salt []byte, c cost, size uint32) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, size), nil
}

var base64Text = base64.RawStdEncoding

// encode writes $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func encode(c cost, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.memory, c.passes, c.threads, base64Text.EncodeToString(salt), base64Text.EncodeToString(sum))
}

func decode(hashed string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(hashed, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("a stored password hash is not argon2id's")
	}
	_, costErr := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads)
	salt, saltErr := base64Text.DecodeString(parts[4])
	sum, sumErr := base64Text.DecodeString(parts[5])
	if errors.Join(costErr, saltErr, sumErr) != nil || c.passes == 0 || c.threads == 0 || len(sum) == 0 {
		return c, nil, nil, errors.New("a stored password hash is damaged")
	}
	return c, salt, sum, nil
}
