package salesforce

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
)

func TestRenewalsJoinTheRefreshUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		refreshes := 0
		refused := Token{AccessToken: "access-1", InstanceURL: "https://acme.my.salesforce.com"}
		s := session{
			token: refused,
			refresh: func(context.Context, Token) (Token, error) {
				refreshes++
				<-release
				return Token{AccessToken: "access-2"}, nil
			},
		}
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				token, err := s.renew(t.Context(), refused)
				if err != nil || token.AccessToken != "access-2" || token.InstanceURL != "https://acme.my.salesforce.com" {
					t.Errorf("got %v, %v", token, err)
				}
			})
		}
		synctest.Wait() // all of them wait for the one
		close(release)
		done.Wait()
		if refreshes != 1 {
			t.Errorf("refreshed %d times", refreshes)
		}
	})
}
