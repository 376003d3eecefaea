package watchcache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// TestBookmarks come once a minute, and before the end of the watch.
func TestBookmarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := served(t)
		defer r.stop()
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
		defer cancel()
		w, err := r.cache.Watch(ctx, watchcache.Request[*pod]{Selects: all, Bookmarks: true})
		if err != nil {
			t.Fatal(err)
		}
		var times []time.Duration
		for begun := time.Now(); ; {
			e, ok := <-w.ResultChan()
			if !ok {
				break
			}
			if line(e) == "BOOKMARK " {
				times = append(times, time.Since(begun))
			}
		}
		if diff := cmp.Diff([]time.Duration{time.Minute, 2 * time.Minute, 148 * time.Second}, times); diff != "" {
			t.Errorf("bookmarks (-want +got):\n%s", diff)
		}
	})
}

// TestCacheFollowsWhileClientsWatch has it end a minute after the last watch, and begin again.
func TestCacheFollowsWhileClientsWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := served(t)
		defer r.stop()
		if r.cache.IsFollowing() {
			t.Error("the cache follows without a watch")
		}
		for range 2 {
			w, err := begin(t, r, watchcache.Request[*pod]{Initial: true})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Minute)
			if w.Stop(); !r.cache.IsFollowing() {
				t.Error("the cache does not follow during a watch")
			}
			time.Sleep(80 * time.Second)
			if r.cache.IsFollowing() {
				t.Error("the cache follows long after the last watch")
			}
		}
	})
}
