package export

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("the sink is down")

// fakeSink writes the names of records with their times, and keeps what it was sent.
type fakeSink struct {
	// answer decides about each payload; nil accepts all.
	answer func(ctx context.Context, body string) error

	mu   sync.Mutex
	sent []string
}

func (*fakeSink) Encode(to []Payload, records iter.Seq[*Record]) (all []Payload, skipped int) {
	var names []string
	for r := range records {
		names = append(names, strings.Trim(r.Namespace+"/"+r.Pod+"/"+r.Container+r.Node, "/"))
	}
	return append(to, payload(strings.Join(names, " "))), 0
}

func payload(text string) Payload {
	return Payload{Body: []byte(text), Points: len(strings.Fields(text))}
}

func (f *fakeSink) Send(ctx context.Context, p Payload) error {
	if f.answer != nil {
		if err := f.answer(ctx, string(p.Body)); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, string(p.Body))
	return nil
}

func (f *fakeSink) received() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.sent...)
}

// sinkOf has a queue of 40 bytes.
func sinkOf(f *fakeSink, changes ...func(*Sink)) Sink {
	s := Sink{Name: "fake", Text: `"fake:"`, Encoder: f, Sender: f, QueueBytes: 40, Timeout: 10 * time.Second, Concurrency: 1}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// clusterOf is a cluster with this observer.
func clusterOf(o *usage.Observer) ObservedCluster {
	return ObservedCluster{Observe: func(int) *usage.Observer { return o }, Resolution: 15 * time.Second}
}

// observerOf has so many events wait, and finds these where it lost some.
func observerOf(capacity int, all ...usage.Event) *usage.Observer {
	return usage.NewObserver(capacity, func(yield func(usage.Event) bool) {
		for _, e := range all {
			if !yield(e) {
				return
			}
		}
	}, func(*usage.Observer) {})
}

// nodeEvent is that of usage of node NAME, at so many seconds.
func nodeEvent(name string, version uint64) usage.Event {
	at := time.Unix(int64(version), 0)
	return usage.Event{Key: usage.Key{Name: name}, ResourceVersion: version, Node: &usage.Node{Time: at, Window: time.Second, CPU: version}}
}

// start runs an exporter; stop ends it and waits.
func start(t *testing.T, e *Exporter) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Start(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func names(changes []change) (all []string) {
	for _, c := range changes {
		all = append(all, fmt.Sprint(c.Key.Name, c.ResourceVersion))
	}
	return all
}
