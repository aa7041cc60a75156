// Package secret seals what must not be readable in the database (tokens of
// Salesforce, client secrets) and makes the tokens that Conversion hands out.
//
// It must never log, and its errors never quote a secret, sealed or clear.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// keySize is the length of the key in the key file, in bytes; idSize that of
// the key's id, which starts every sealed value.
const (
	keySize = 32
	idSize  = 4
)

// Errors of Keeper.Open.
var (
	ErrOtherKey = errors.New("sealed with another key than the secret key file's")
	ErrForged   = errors.New("sealed value is damaged or belongs to another row")
)

// Keeper seals and opens values with one key. It is safe for concurrent use.
type Keeper struct {
	id   [idSize]byte
	aead cipher.AEAD
}

// newKeeper derives the sealing key and the public id from the key file's key,
// so that neither tells anything about the other.
func newKeeper(key []byte) (*Keeper, error) {
	sealing, err := hkdf.Key(sha256.New, key, nil, "conversion sealing key 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	id, err := hkdf.Key(sha256.New, key, nil, "conversion key id 1", idSize)
	if err != nil {
		return nil, fmt.Errorf("derive the key id: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up GCM: %w", err)
	}
	return &Keeper{id: [idSize]byte(id), aead: aead}, nil
}

// Seal encrypts plain for one place: row names table, row and column
// ("connection/018f…/refresh_token"), and only Open with the same row gives it
// back. The same value sealed twice gives different bytes.
func (k *Keeper) Seal(row string, plain []byte) []byte {
	return k.aead.Seal(k.id[:len(k.id):len(k.id)], nil, plain, []byte(row))
}

// Open gives back what was sealed for row. It returns ErrOtherKey when another
// key sealed it, and ErrForged when it was altered or sealed for another row.
func (k *Keeper) Open(row string, sealed []byte) ([]byte, error) {
	if len(sealed) < idSize {
		return nil, ErrForged
	}
	if [idSize]byte(sealed) != k.id {
		return nil, ErrOtherKey
	}
	plain, err := k.aead.Open(nil, nil, sealed[idSize:], []byte(row))
	if err != nil {
		return nil, ErrForged
	}
	return plain, nil
}
