package watch

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// sameWithin is for how long an informer may hold something else than a list has, while a change is on its way.
	sameWithin = 10 * time.Second
	// sameAgain is for how long after the restart of a server: the library doubles the time between two attempts to reach one that is away, up to half a minute.
	sameAgain = 50 * time.Second
	// settled is for how long after its start a server may refuse the versions of another one: half a minute after it knows the pods.
	settled = 50 * time.Second
)

// informer is one of the library's.
type informer struct {
	name   string
	client *movable
	store  cache.Store
	synced func() bool
	// same is when the informer and a list were last seen to agree.
	same time.Time
	// longest is for how long they did not, apart from the time after a restart.
	longest time.Duration
	checks  int
}

func newInformer(t *testing.T, r resource, streams bool, at metricsclient.Interface) *informer {
	client := &movable{resource: r, refusesStreams: !streams, at: at}
	shared := cache.NewSharedInformer(client, r.object, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); shared.Run(ctx.Done()) }()
	t.Cleanup(func() { cancel(); <-done })
	return &informer{name: fmt.Sprintf("%s, streams %t", r.name, streams), client: client, store: shared.GetStore(), synced: shared.HasSynced, same: time.Now()}
}

// difference compares what the informer holds with a list of its replica. It is empty where the replica does not list.
func (i *informer) difference(ctx context.Context) string {
	list, err := i.client.resource.list(ctx, i.client.client(), metav1.ListOptions{})
	if err != nil {
		return ""
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return err.Error()
	}
	held := make([]runtime.Object, 0, len(items))
	for _, o := range i.store.List() {
		held = append(held, o.(runtime.Object))
	}
	i.checks++
	return cmp.Diff(contents(items), contents(held))
}

// contents are the versions and labels of objects by their names and UIDs.
func contents(objects []runtime.Object) map[string]string {
	all := make(map[string]string, len(objects))
	for _, object := range objects {
		o := object.(metav1.Object)
		all[fmt.Sprintf("%s/%s %s", o.GetNamespace(), o.GetName(), o.GetUID())] = fmt.Sprint(o.GetResourceVersion(), o.GetLabels())
	}
	return all
}

// TestInformersHoldWhatIsListed has informers, with and without streaming lists, follow two replicas while pods come and go, labels change, nodes fail, both
// servers restart, and the clients move between them. All the time they hold what a list of their replica has; only a server
// that has just begun makes them list again. WATCH_MINUTES in the environment is how long that lasts; 2 by default.
func TestInformersHoldWhatIsListed(t *testing.T) {
	if _, err := env.Run(t.Context(), "", "create", "clusterrolebinding", "watcher", "--clusterrole=system:plimsoll:metrics-watcher", "--user=watcher"); err != nil {
		t.Fatal(err)
	}
	other, err := env.StartServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Stop() })
	servers := [2]*cluster.Server{env.Server, other}
	clients := [2]metricsclient.Interface{clientOf(t, servers[0]), clientOf(t, servers[1])}
	var informers []*informer
	for _, streams := range []bool{true, false} {
		for _, r := range []resource{nodeMetrics(), podMetrics(""), podMetrics("color=red")} {
			informers = append(informers, newInformer(t, r, streams, clients[0]))
		}
	}
	c := newChurn(t)
	length := minutes(t)
	begin := time.Now()
	moves, restarts, young, within := 0, 0, 0, sameWithin
	started := [2]time.Time{begin.Add(-settled), begin}
	var restarted time.Time
	for step := 0; time.Since(begin) < length; step++ {
		switch {
		case restarts < 2 && time.Since(begin) > length*time.Duration(restarts+1)/3:
			again(t, servers[restarts])
			restarted, within = time.Now(), sameAgain
			started[restarts] = restarted
			restarts++
		case step%20 == 19:
			moves++
			if time.Since(started[moves%2]) < settled {
				young++
			}
			for _, i := range informers {
				i.client.move(clients[moves%2])
			}
		default:
			c.step()
		}
		if within == sameAgain && time.Since(restarted) > sameAgain {
			within = sameWithin
		}
		compare(t, informers, within)
		<-time.After(500 * time.Millisecond)
	}
	poll.Eventually(t, sameAgain, func(ctx context.Context) error {
		for _, i := range informers {
			if diff := i.difference(ctx); diff != "" {
				return fmt.Errorf("%s differs at the end (-list +informer):\n%s", i.name, diff)
			}
		}
		return nil
	})
	report(t, informers, moves, restarts, young)
}

// compare fails where an informer has differed from a list for too long.
func compare(t *testing.T, informers []*informer, within time.Duration) {
	t.Helper()
	for _, i := range informers {
		diff := i.difference(t.Context())
		if diff == "" {
			i.same = time.Now()
			continue
		}
		if within == sameWithin {
			i.longest = max(i.longest, time.Since(i.same))
		}
		if time.Since(i.same) > within {
			t.Fatalf("%s has differed from a list for %s (-list +informer):\n%s", i.name, time.Since(i.same), diff)
		}
	}
}

// again restarts a server.
func again(t *testing.T, s *cluster.Server) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.Again(); err != nil {
		t.Fatal(err)
	}
}

// report logs what the informers have requested, and wants no list but the first, one for each restart of the server that served them, and one for each move
// to a server that has just begun, of which young is the number.
func report(t *testing.T, informers []*informer, moves, restarts, young int) {
	t.Helper()
	for _, i := range informers {
		lists, streams, watches := i.client.counts()
		t.Logf("%s: %d moves, %d of them to a server that has just begun, %d restarts: %d lists, %d streams of everything, %d watches; compared %d times, differed for %s at most",
			i.name, moves, young, restarts, lists, streams, watches, i.checks, i.longest.Round(10*time.Millisecond))
		if all := lists + streams; all > 1+restarts+young {
			t.Errorf("%s requested everything %d times, want at most %d", i.name, all, 1+restarts+young)
		}
		if lists+streams+watches < moves || i.checks < 10 { // Each move ends a request.
			t.Errorf("%s: %d requests and %d comparisons are too few", i.name, lists+streams+watches, i.checks)
		}
	}
}

func minutes(t *testing.T) time.Duration {
	t.Helper()
	value := os.Getenv("WATCH_MINUTES")
	if value == "" {
		return 2 * time.Minute
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatalf("WATCH_MINUTES: %v", err)
	}
	return time.Duration(n * float64(time.Minute))
}
