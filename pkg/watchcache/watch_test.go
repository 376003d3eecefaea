package watchcache_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"

	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// served is a replica that has been complete for a minute, with the pods a and b on a node that was scraped twice.
func served(t *testing.T) *replica { return serve(t, newReplica(t)) }

func serve(t *testing.T, r *replica) *replica {
	t.Helper()
	r.set(pod{namespace: "ns", name: "a", uid: "1", node: "n"})
	r.set(pod{namespace: "ns", name: "b", uid: "2", node: "n"})
	close(r.known)
	time.Sleep(time.Minute)
	r.scrape("n", all)
	time.Sleep(time.Second)
	r.scrape("n", all)
	return r
}

// begin watches until the test ends.
func begin(t *testing.T, r *replica, request watchcache.Request[*pod]) (watch.Interface, error) {
	t.Helper()
	if request.Selects == nil {
		request.Selects = all
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	return r.cache.Watch(ctx, request)
}

// waiting are the events that a watch has sent by now, in a line each; all of them end with "closed" where it has ended.
func waiting(w watch.Interface) (lines []string) {
	for {
		synctest.Wait()
		select {
		case e, ok := <-w.ResultChan():
			if !ok {
				return append(lines, "closed")
			}
			lines = append(lines, line(e))
		default:
			return lines
		}
	}
}

func line(e watch.Event) string {
	switch o := e.Object.(type) {
	case *object:
		if o.Annotations[metav1.InitialEventsAnnotationKey] == "true" {
			return string(e.Type) + " of the first events"
		}
		return fmt.Sprintf("%s %s", e.Type, o.Name)
	case *metav1.Status:
		return fmt.Sprintf("%s %d %s", e.Type, o.Code, o.Reason)
	default:
		return fmt.Sprintf("%s %T", e.Type, o)
	}
}

// TestWatchBegins has what a watch begins with, by the version that is requested, and what follows the next scrape.
func TestWatchBegins(t *testing.T) {
	now := func(r *replica) uint64 { return r.store.Reader().ResourceVersion() }
	for _, tt := range []struct {
		name    string
		request func(*replica) watchcache.Request[*pod]
		want    []string
		refused func(error) bool
	}{
		{"everything", func(*replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Initial: true}
		}, []string{"ADDED a", "ADDED b", "MODIFIED a", "MODIFIED b"}, nil},
		{"everything, with bookmarks", func(*replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Initial: true, Bookmarks: true}
		}, []string{"ADDED a", "ADDED b", "BOOKMARK of the first events", "MODIFIED a", "MODIFIED b"}, nil},
		{"everything that is at least so new", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Initial: true, Bookmarks: true, Version: now(r)}
		}, []string{"ADDED a", "ADDED b", "BOOKMARK of the first events", "MODIFIED a", "MODIFIED b"}, nil},
		{"everything, since a version before the process", func(*replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Initial: true, Version: 1}
		}, []string{"ADDED a", "ADDED b", "MODIFIED a", "MODIFIED b"}, nil},
		{"changes alone", func(*replica) watchcache.Request[*pod] { return watchcache.Request[*pod]{} }, []string{"MODIFIED a", "MODIFIED b"}, nil},
		{"a namespace without pods", func(*replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Namespace: "other", Initial: true}
		}, nil, nil},
		{"one pod", func(*replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Namespace: "ns", Selects: func(p *pod) bool { return p.name == "b" }, Initial: true}
		}, []string{"ADDED b", "MODIFIED b"}, nil},
		{"from the newest version on", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Version: now(r)}
		}, []string{"ADDED a", "ADDED b", "MODIFIED a", "MODIFIED b"}, nil},
		{"from a version that the clock has passed", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Version: now(r) + 1}
		}, []string{"ADDED a", "ADDED b", "MODIFIED a", "MODIFIED b"}, nil},
		{"from a version in two seconds", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Version: now(r) + 2e6}
		}, []string{"ADDED a", "ADDED b", "MODIFIED a", "MODIFIED b"}, nil},
		{"from a version in a minute", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Version: now(r) + 6e7}
		}, nil, storage.IsTooLargeResourceVersion},
		{"everything, at least of a version in a minute", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Initial: true, Version: now(r) + 6e7}
		}, nil, storage.IsTooLargeResourceVersion},
		{"from before the process", func(*replica) watchcache.Request[*pod] { return watchcache.Request[*pod]{Version: 1} }, nil, apierrors.IsResourceExpired},
		{"from soon after the start, of another replica", func(r *replica) watchcache.Request[*pod] {
			return watchcache.Request[*pod]{Version: now(r) - 5e7}
		}, nil, apierrors.IsResourceExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := served(t)
				defer r.stop()
				w, err := begin(t, r, tt.request(r))
				if tt.refused != nil {
					if !tt.refused(err) {
						t.Errorf("got %v, %v", w, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got := waiting(w)
				time.Sleep(15 * time.Second)
				r.scrape("n", all)
				if diff := cmp.Diff(tt.want, append(got, waiting(w)...)); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if w.Stop(); cmp.Diff([]string{"closed"}, waiting(w)) != "" {
					t.Error("the watch goes on")
				}
			})
		})
	}
}

// TestResumedWatch has what a client is sent that has been away for a minute.
func TestResumedWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := served(t)
		defer r.stop()
		first, err := begin(t, r, watchcache.Request[*pod]{Initial: true})
		if err != nil {
			t.Fatal(err)
		}
		first.Stop()
		version := r.store.Reader().ResourceVersion()
		time.Sleep(time.Minute)
		r.remove("ns", "b")
		r.set(pod{namespace: "ns", name: "c", uid: "3", node: "n"})
		for range 2 {
			r.scrape("n", all)
			time.Sleep(time.Second)
		}
		r.set(pod{namespace: "ns", name: "d", uid: "4", node: "n"})
		w, err := begin(t, r, watchcache.Request[*pod]{Version: version})
		if err != nil {
			t.Fatal(err)
		}
		// The pod d has no usage; another replica may have some.
		want := []string{"DELETED b", "ADDED a", "DELETED d", "ADDED c"}
		if diff := cmp.Diff(want, waiting(w)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		time.Sleep(31 * time.Second)
		if diff := cmp.Diff([]string{"DELETED b", "DELETED d"}, waiting(w)); diff != "" {
			t.Errorf("events half a minute later (-want +got):\n%s", diff)
		}
	})
}

// TestSlowWatcherIsEnded has one watcher read nothing, and another everything.
func TestSlowWatcherIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := served(t)
		defer r.stop()
		slow, err := begin(t, r, watchcache.Request[*pod]{})
		if err != nil {
			t.Fatal(err)
		}
		fast, err := begin(t, r, watchcache.Request[*pod]{})
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for range 1000 {
			time.Sleep(time.Second)
			r.scrape("n", all)
			for _, line := range waiting(fast) {
				if line != "MODIFIED a" && line != "MODIFIED b" {
					t.Fatalf("the watcher that reads gets %s", line)
				}
				read++
			}
			if read == 1000 { // 500 scrapes: no watcher is too far behind yet.
				fast.Stop()
				if fast, err = begin(t, r, watchcache.Request[*pod]{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if read != 2000 {
			t.Errorf("the watcher that reads has got %d events, want 2000", read)
		}
		got := waiting(slow)
		if n := len(got); n > 70 || n < 2 || got[n-2] != "ERROR 410 Expired" || got[n-1] != "closed" {
			t.Errorf("the watcher that does not read has got %d events, the last are %v", n, got[max(n-3, 0):])
		}
	})
}

// TestLostChangesEndWatches has the store's queue be shorter than one scrape.
func TestLostChangesEndWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, newReplicaWithQueue(t, 1))
		defer r.stop()
		for range 3 {
			w, err := begin(t, r, watchcache.Request[*pod]{Initial: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"ADDED a", "ADDED b"}, waiting(w)); diff != "" {
				t.Errorf("first events (-want +got):\n%s", diff)
			}
			time.Sleep(15 * time.Second)
			// All in one moment: the cache receives nothing meanwhile.
			for range 3 {
				r.scrape("n", all)
			}
			if got := waiting(w); len(got) < 2 || got[len(got)-2] != "ERROR 410 Expired" || got[len(got)-1] != "closed" {
				t.Errorf("the watch has got %v", got)
			}
		}
	})
}
