package sandbox

import (
	"math"
	"strings"
	"testing"
)

func TestEachSeedIsAnOrgOfItsOwn(t *testing.T) {
	t.Parallel()
	seeds := []int64{0, 1, 61, 62, 3843, 3844, 3845, 62 * 62 * 62, pods - 1, pods, pods + 1, 1 << 40, math.MaxInt64, math.MinInt64, -1, -2, -3844}
	orgs, spaces := map[string]int64{}, map[string]int64{}
	for _, seed := range seeds {
		org, space := orgID(seed), podOf(seed)
		if id, ok := normaliseID(org); !ok || id != org || len(org) != 18 || !strings.HasPrefix(org, "00D") {
			t.Errorf("seed %d: %q is no id of an organisation", seed, org)
		}
		if other, taken := orgs[org]; taken {
			t.Errorf("seeds %d and %d are both %s", other, seed, org)
		}
		if other, taken := spaces[space]; taken {
			t.Errorf("seeds %d and %d share record ids: %s", other, seed, space)
		}
		orgs[org], spaces[space] = seed, seed
	}
}

func TestIDsOfAnObjectSortByTheirNumbers(t *testing.T) {
	t.Parallel()
	pod, last := podOf(pods-1), ""
	for _, n := range []uint64{0, 1, 9, 10, 61, 62, 3843, 3844, 4_000_000, 56_800_235_583} {
		id := recordID("00Q", pod, n)
		if full, ok := normaliseID(shortID(id)); !ok || full != id || id <= last {
			t.Errorf("number %d is %s after %s", n, id, last)
		}
		last = id
	}
}

func TestOrgsOfTwoSeedsShareNoRecordAndThoseOfOneShareAll(t *testing.T) {
	t.Parallel()
	made := func(seed int64) map[string]bool {
		c := newClient(t, Options{Seed: seed})
		if err := c.org.Generate(50); err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{c.org.ID(): true}
		for _, object := range []string{"Lead", "Contact", "Account", "User"} {
			for _, record := range c.query("SELECT Id, Name FROM " + object).Records {
				ids[record["Id"].(string)] = true
				ids[record["Id"].(string)+" "+record["Name"].(string)] = true
			}
		}
		return ids
	}
	first, again, other := made(5), made(5), made(5+3844)
	for id := range first {
		if !again[id] {
			t.Errorf("the same seed does not bring %s again", id)
		}
		if other[id] {
			t.Errorf("two seeds share %s", id)
		}
	}
}
