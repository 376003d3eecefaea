package app

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// TestDebugNodes has one node be served although its scrapes fail, and one that never was.
func TestDebugNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &brokenKubelets{}
		k.fail(syscall.ECONNREFUSED)
		s := newBroken(t, 2, k)
		start := time.Now().UTC()
		runLogged(t, s, func(s *ClusterStack) {
			<-time.After(20 * time.Second)
			for i := range uint64(2) {
				now := time.Now().UnixNano()
				s.store.Put(store.Identity{Name: "node-0000"}, &sample.Node{Usage: sample.Usage{
					CPU: sample.Reading{Known: true, Time: now, Value: 3e9 * i}, Memory: sample.Reading{Known: true, Time: now, Value: 1 << 20},
				}})
				<-time.After(10 * time.Second)
			}
			w := httptest.NewRecorder()
			nodeStates{s}.ServeHTTP(w, nil)
			var got []nodeState
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 2 || w.Header().Get("Content-Type") != "application/json" {
				t.Fatalf("%v: %v %s", err, w.Header(), w.Body)
			}
			for i := range got {
				if n := got[i].NextScrape; n == nil || !n.After(time.Now()) {
					t.Errorf("%s: the next scrape is due at %v", got[i].Node, n)
				}
				if since := got[i].FailingSince; since == nil || since.Sub(start) > time.Second {
					t.Errorf("%s: it fails since %v", got[i].Node, since)
				}
				got[i].NextScrape, got[i].FailingSince = nil, nil
				got[i].Message, _, _ = strings.Cut(got[i].Message, " for ")
			}
			failing := nodeState{
				Node: "node-0001", Address: "node-0001:10250", Code: "PLM-KUBELET-REFUSED", Message: `scrapes of node "node-0001" have failed`,
				Error: "get https://node-0001:10250/metrics/resource: dial tcp: connection refused",
			}
			served := failing
			served.Node, served.Address, served.Served, served.SampleAgeSeconds = "node-0000", "node-0000:10250", true, 10
			served.Message, served.Error = strings.ReplaceAll(failing.Message, "0001", "0000"), strings.ReplaceAll(failing.Error, "0001", "0000")
			if diff := cmp.Diff([]nodeState{served, failing}, got); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	})
}

// TestDebugNodesOfNoNode is an empty array.
func TestDebugNodesOfNoNode(t *testing.T) {
	w := httptest.NewRecorder()
	nodeStates{newBroken(t, 0, &brokenKubelets{})}.ServeHTTP(w, nil)
	if got := w.Body.String(); got != "[]\n" {
		t.Errorf("got %q", got)
	}
}

// TestOldestUsage has the usage of a node grow old. No pod has usage, so there is no series of pods.
func TestOldestUsage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &brokenKubelets{}
		k.fail(syscall.ECONNREFUSED)
		runLogged(t, newBroken(t, 2, k), func(s *ClusterStack) {
			<-time.After(20 * time.Second)
			for i := range uint64(2) {
				for _, name := range []string{"node-0000", "node-0001"} {
					now := time.Now().UnixNano()
					s.store.Put(store.Identity{Name: name}, &sample.Node{Usage: sample.Usage{
						CPU: sample.Reading{Known: true, Time: now, Value: 3e9 * i}, Memory: sample.Reading{Known: true, Time: now, Value: 1 << 20},
					}})
					<-time.After(10 * time.Second)
				}
			}
			got := map[string]float64{}
			s.setOldest(func(age float64, labels ...string) { got[strings.Join(labels, "/")] = age })
			if diff := cmp.Diff(map[string]float64{"/nodes": 20}, got); diff != "" {
				t.Errorf("ages (-want +got):\n%s", diff)
			}
		})
	})
}
