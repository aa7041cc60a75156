package secret_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"conversion/internal/secret"
)

const row = "connection/1/refresh_token"

func open(t *testing.T, path string) *secret.Keeper {
	t.Helper()
	keeper, err := secret.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return keeper
}

func keyFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data", "secret.key")
}

func TestASealedValueOpensForItsRowAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	sealed := open(t, path).Seal(row, []byte("5Aep861…"))
	plain, err := open(t, path).Open(row, sealed)
	if err != nil || string(plain) != "5Aep861…" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
}

func TestASealedValueShowsNothingOfThePlainOne(t *testing.T) {
	t.Parallel()
	keeper := open(t, keyFile(t))
	first, second := keeper.Seal(row, []byte("refresh")), keeper.Seal(row, []byte("refresh"))
	if bytes.Contains(first, []byte("refresh")) {
		t.Error("the sealed value holds the plain one")
	}
	if bytes.Equal(first, second) {
		t.Error("equal values are sealed to equal bytes")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	keeper := open(t, keyFile(t))
	sealed := keeper.Seal(row, []byte("refresh"))
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	tests := []struct {
		name   string
		keeper *secret.Keeper
		row    string
		sealed []byte
		want   error
	}{
		{"a value moved to another row", keeper, "connection/2/refresh_token", sealed, secret.ErrForged},
		{"an altered value", keeper, row, altered, secret.ErrForged},
		{"a value cut short", keeper, row, sealed[:10], secret.ErrForged},
		{"no value", keeper, row, nil, secret.ErrForged},
		{"a value sealed with another key", open(t, keyFile(t)), row, sealed, secret.ErrOtherKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if plain, err := test.keeper.Open(test.row, test.sealed); !errors.Is(err, test.want) {
				t.Errorf("Open = %q, %v; want %v", plain, err, test.want)
			}
		})
	}
}

func TestTheKeyFileIsMadeForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v; want mode 0600", info, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Fatalf("the folder holds %v, %v; want the key file alone", left, err)
	}
}

func TestProcessesStartingAtOnceShareOneKey(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	keepers := make([]*secret.Keeper, 8)
	var wg sync.WaitGroup
	for i := range keepers {
		wg.Go(func() {
			keeper, err := secret.Open(path)
			if err != nil {
				t.Error(err)
			}
			keepers[i] = keeper
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := keepers[0].Seal(row, []byte("refresh"))
	for i, keeper := range keepers {
		if _, err := keeper.Open(row, sealed); err != nil {
			t.Errorf("keeper %d: %v", i, err)
		}
	}
}

func TestAKeyFileIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		mode os.FileMode
		want string
	}{
		{"when its group may read it", strings.Repeat("A", 43) + "=", 0o640, "chmod 600"},
		{"when everybody may read it", strings.Repeat("A", 43) + "=", 0o604, "chmod 600"},
		{"when it is empty", "", 0o600, "32 bytes"},
		{"when its key is too short", "QUJD", 0o600, "32 bytes"},
		{"when it is not base64", "not a key", 0o600, "32 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret.key")
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := secret.Open(path)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Open: %v, want an error with %q", err, test.want)
			}
			if test.text != "" && strings.Contains(err.Error(), test.text) {
				t.Errorf("the error quotes the key file: %v", err)
			}
		})
	}
}

func TestATokenMatchesItsOwnHashAlone(t *testing.T) {
	t.Parallel()
	clear, hash := secret.NewToken("cvk")
	other, _ := secret.NewToken("cvk")
	if !strings.HasPrefix(clear, "cvk_") || len(clear) != len("cvk_")+26 {
		t.Errorf("token %q is not cvk_ and 26 characters", clear)
	}
	if !secret.TokenMatches(clear, hash) {
		t.Error("a token does not match its own hash")
	}
	if secret.TokenMatches(other, hash) || secret.TokenMatches(clear, nil) {
		t.Error("a token matches a hash that is not its own")
	}
}
