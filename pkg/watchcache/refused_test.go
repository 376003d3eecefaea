package watchcache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apiserver/pkg/storage"

	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// TestRefusedWatchKeepsNothing has the cache end its session a minute after its only watch was refused: clients come back at once.
func TestRefusedWatchKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := served(t)
		defer r.stop()
		if _, err := begin(t, r, watchcache.Request[*pod]{Version: r.store.Reader().ResourceVersion() + 6e7}); !storage.IsTooLargeResourceVersion(err) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(30 * time.Second)
		if !r.cache.IsFollowing() {
			t.Error("the cache ends its session at once")
		}
		time.Sleep(time.Minute)
		if r.cache.IsFollowing() {
			t.Error("the cache follows changes, and no client watches")
		}
	})
}
