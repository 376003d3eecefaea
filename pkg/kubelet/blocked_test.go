package kubelet

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

// recordingWorker records what it is informed of.
type recordingWorker struct{ events []string }

func (w *recordingWorker) Yield() { w.events = append(w.events, "yield") }

func (w *recordingWorker) Blocked(blocked bool) {
	w.events = append(w.events, map[bool]string{true: "blocked", false: "running"}[blocked])
}

func (w *recordingWorker) take() []string {
	defer func() { w.events = nil }()
	return w.events
}

// TestWorkerIsInformedWhileBlocked follows a request through its credentials, its dial and its response.
func TestWorkerIsInformedWhileBlocked(t *testing.T) {
	server := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(20 * time.Millisecond)
		write(w, 10)
	})
	w := &recordingWorker{}
	cluster := &rest.Config{}
	cluster.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(r *http.Request) (*http.Response, error) {
			w.events = append(w.events, "credentials")
			return next.RoundTrip(r)
		})
	})
	client := newTestClient(t, Config{InsecureTLS: true, Policy: loopbackPolicy}, cluster)
	c := Conn{Worker: w}
	defer c.Close()
	for i := range 2 {
		if _, err := server.get(t, &c, client); err != nil {
			t.Fatal(err)
		}
		got := w.take()
		for j, event := range got {
			if event == "yield" && got[j-1] == "blocked" {
				t.Errorf("request %d yields while it is blocked: %q", i, got)
			}
		}
		checkAlternate(t, got)
		// The response comes after the yield: the worker waits for it.
		got = slices.Compact(got)
		end := got[len(got)-5:]
		if diff := cmp.Diff([]string{"yield", "blocked", "running", "blocked", "running"}, end); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i, diff)
		}
		begin := []string{"blocked", "credentials", "running"}
		if i == 0 {
			begin = append(begin, "blocked", "running") // The dial.
		} else {
			begin = append(begin, "yield")
		}
		if diff := cmp.Diff(begin, got[:len(begin)]); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i, diff)
		}
	}
}

// checkAlternate checks that a worker that was blocked runs before it is blocked again, and runs in the end.
func checkAlternate(t *testing.T, events []string) {
	t.Helper()
	blocked := false
	for _, event := range events {
		switch {
		case event == "blocked" && blocked, event == "running" && !blocked:
			t.Fatalf("%s twice: %q", event, events)
		case event == "blocked" || event == "running":
			blocked = event == "blocked"
		}
	}
	if blocked {
		t.Errorf("blocked in the end: %q", events)
	}
}

// TestLargeBodyBlocksWhereItWaits for memory and for its decoding.
func TestLargeBodyBlocksWhereItWaits(t *testing.T) {
	w := &recordingWorker{}
	client := newClientThrough(newUnlimitedMemory(), transportFunc(large(2<<20).respond))
	body, _, err := client.Get(t.Context(), &Conn{Worker: w}, "http://a", MaxBody)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if diff := cmp.Diff([]string{"blocked", "running", "blocked", "running"}, w.take()); diff != "" {
		t.Errorf("the transport and the memory (-want +got):\n%s", diff)
	}
	end, err := body.AwaitDecoding(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if diff := cmp.Diff([]string{"blocked", "running"}, w.take()); diff != "" {
		t.Errorf("the decoding (-want +got):\n%s", diff)
	}
}
