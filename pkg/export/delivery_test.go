package export

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// delivering runs the deliveries of a sink until the test ends, and leaves the queue open.
func delivering(t *testing.T, s Sink) *delivery {
	d := newDelivery(s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { d.run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return d
}

// TestEachPayloadIsDelivered, whatever the sink says: in order, again where it was down, once where it has decided.
func TestEachPayloadIsDelivered(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer func(ctx context.Context, body string, try int) error
		after  time.Duration
		sent   []string
		want   Status
	}{
		{"at once", func(context.Context, string, int) error { return nil }, 0, []string{"a a", "b b", "c c"}, Status{Sent: 6}},
		{"down for three tries", func(_ context.Context, _ string, try int) error {
			if try <= 3 {
				return errDown
			}
			return nil
		}, 15 * time.Second, []string{"a a", "b b", "c c"}, Status{Sent: 6, Errors: 3, LastError: "the sink is down"}},
		{"the pause grows", func(context.Context, string, int) error { return errDown }, 29 * time.Second, nil,
			Status{Errors: 5, LastError: "the sink is down", QueueBytes: 9, OldestSeconds: 29}},
		{"one is rejected", func(_ context.Context, body string, _ int) error {
			if body == "b b" {
				return fmt.Errorf("h: %w", ErrRejected)
			}
			return nil
		}, 0, []string{"a a", "c c"}, Status{Sent: 4, Rejected: 2, Errors: 1, LastError: "h: the sink refuses the data"}},
		{"a part of one is rejected", func(_ context.Context, body string, _ int) error {
			if body == "b b" {
				return &PartlyRejectedError{Points: 1, Reason: "old"}
			}
			return nil
		}, 0, []string{"a a", "c c"}, Status{Sent: 5, Rejected: 1, Errors: 1, LastError: "the sink refused a part of the data: old"}},
		{"it asks for a minute", func(_ context.Context, _ string, try int) error {
			if try == 1 {
				return &RetryLaterError{After: time.Minute, Err: errDown}
			}
			return nil
		}, 59 * time.Second, nil, Status{Errors: 1, LastError: "the sink is down", QueueBytes: 9, OldestSeconds: 59}},
		{"it asks for a day", func(_ context.Context, _ string, try int) error {
			if try == 1 {
				return &RetryLaterError{After: 24 * time.Hour, Err: errDown}
			}
			return nil
		}, 5 * time.Minute, []string{"a a", "b b", "c c"}, Status{Sent: 6, Errors: 1, LastError: "the sink is down"}},
		{"the pause is short again after a success", func(_ context.Context, _ string, try int) error {
			if try <= 4 || try == 6 { // The fifth try is after 15 to 23 seconds.
				return errDown
			}
			return nil
		}, 25 * time.Second, []string{"a a", "b b", "c c"}, Status{Sent: 6, Errors: 5, LastError: "the sink is down"}},
		{"it does not respond", func(ctx context.Context, _ string, try int) error {
			if try == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}, 12 * time.Second, []string{"a a", "b b", "c c"}, Status{Sent: 6, Errors: 1, LastError: "context deadline exceeded"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int64
				f := &fakeSink{}
				f.answer = func(ctx context.Context, body string) error { return tc.answer(ctx, body, int(tries.Add(1))) }
				d := delivering(t, sinkOf(f))
				for _, text := range []string{"a a", "b b", "c c"} {
					d.queue.push(payload(text))
				}
				time.Sleep(tc.after)
				synctest.Wait()
				if diff := cmp.Diff(tc.sent, f.received()); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				ignored := cmpopts.IgnoreFields(Status{}, "Name", "Sink", "QueueLimitBytes", "Dropped", "LastErrorTime")
				if diff := cmp.Diff(tc.want, d.status(time.Now()), ignored); diff != "" {
					t.Errorf("status (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestPayloadThatIsNeverAccepted has a sink fail at one payload for ever: it holds up the others for five minutes, and is dropped then. Where the sink fails at all
// of them, or asks for a pause, all are kept in their order however long that takes.
func TestPayloadThatIsNeverAccepted(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answer  func(body string) error
		after   time.Duration
		sent    []string
		refused int
	}{
		{"for less than five minutes", failsAt("a", errDown), 4*time.Minute + 50*time.Second, nil, 0},
		{"for longer", failsAt("a", errDown), 7 * time.Minute, []string{"b b", "c c"}, 2},
		{"the last one", failsAt("c", errDown), 30 * time.Minute, []string{"a a", "b b"}, 0},
		{"two of three", failsAt("ab", errDown), 30 * time.Minute, nil, 0},
		{"all", failsAt("abc", errDown), time.Hour, nil, 0},
		{"it asks for a pause", failsAt("a", &RetryLaterError{After: time.Second, Err: errDown}), time.Hour, nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeSink{answer: func(_ context.Context, body string) error { return tc.answer(body) }}
				d := delivering(t, sinkOf(f))
				for _, text := range []string{"a a", "b b", "c c"} {
					d.queue.push(payload(text))
				}
				time.Sleep(tc.after)
				synctest.Wait()
				if diff := cmp.Diff(tc.sent, f.received()); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				s := d.status(time.Now())
				if waiting := 9 - 3*len(tc.sent) - 3*tc.refused/2; s.Dropped[refused] != tc.refused || s.QueueBytes != waiting {
					t.Errorf("%d points were dropped and %d bytes wait, want %d and %d", s.Dropped[refused], s.QueueBytes, tc.refused, waiting)
				}
			})
		})
	}
}

// failsAt fails at the payloads that begin with one of these letters.
func failsAt(letters string, err error) func(body string) error {
	return func(body string) error {
		if strings.ContainsAny(body[:1], letters) {
			return err
		}
		return nil
	}
}

// TestPutDoesNotWaitForTheSink has a sink accept nothing: what is put beyond the bound is dropped and counted, the oldest first.
func TestPutDoesNotWaitForTheSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		f := &fakeSink{answer: func(ctx context.Context, _ string) error {
			if up.Load() {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		d := delivering(t, sinkOf(f))
		began := time.Now()
		for i := range 100 {
			d.put(slices.Values([]*Record{{Level: Node, Node: fmt.Sprintf("node-%03d", i)}}))
			if i == 0 {
				synctest.Wait() // Until it is being sent.
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("put waited for %v", took)
		}
		if s := d.status(time.Now()); s.QueueBytes != 40 || s.Dropped[queueFull] != 95 {
			t.Errorf("status %+v, want 5 of 100 payloads of 8 bytes to wait", s)
		}
		up.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"node-000", "node-096", "node-097", "node-098", "node-099"} // node-000 was being sent all the time.
		if diff := cmp.Diff(want, f.received()); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

// TestConcurrency has as many payloads be under way as the sink wants.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		f := &fakeSink{answer: func(context.Context, string) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}}
		d := delivering(t, sinkOf(f, func(s *Sink) { s.Concurrency = 3 }))
		for range 6 {
			d.queue.push(payload("x"))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(f.received()) != 6 || most.Load() != 3 {
			t.Errorf("%d sent within two seconds, %d at a time", len(f.received()), most.Load())
		}
	})
}

// TestAllSendersEnd closes the queue while some of them wait for a payload, and one sends.
func TestAllSendersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSink{answer: func(context.Context, string) error { time.Sleep(time.Second); return nil }}
		d := newDelivery(sinkOf(f, func(s *Sink) { s.Concurrency = 3 }))
		done := make(chan struct{})
		go func() { d.run(t.Context()); close(done) }()
		d.queue.push(payload("x"))
		synctest.Wait()
		close(d.queue.closed)
		<-done
		if len(f.received()) != 1 {
			t.Errorf("sent %q", f.received())
		}
	})
}

func TestRecordsThatASinkDoesNotNeed(t *testing.T) {
	all := []*Record{{Level: Node, Node: "n"}, {Level: Namespace, Namespace: "ns"}, {Level: Cluster, Namespace: "all"}, {Level: Node, Node: "details", Details: &Details{}}}
	for _, tc := range []struct {
		needs Needs
		want  []string
	}{
		{Needs{}, []string{"n"}},
		{Needs{Sums: true}, []string{"n", "ns", "all"}},
		{Needs{Details: true}, []string{"n", "details"}},
	} {
		d := newDelivery(Sink{Needs: tc.needs})
		var got []string
		for r := range d.wanted(slices.Values(all)) {
			got = append(got, r.Node+r.Namespace)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tc.needs, diff)
		}
	}
}

// skipping leaves out two records of each call.
type skipping struct{ fakeSink }

func (s *skipping) Encode(to []Payload, _ iter.Seq[*Record]) (all []Payload, skipped int) {
	return to, 2
}

// TestSkippedRecordsAreCounted has an encoder leave out records.
func TestSkippedRecordsAreCounted(t *testing.T) {
	d := newDelivery(sinkOf(&fakeSink{}, func(s *Sink) { s.Encoder = &skipping{} }))
	for range 2 {
		d.put(slices.Values([]*Record{{}, {}}))
	}
	if s := d.status(time.Now()); s.Skipped != 4 {
		t.Errorf("%d records are counted, want 4", s.Skipped)
	}
}
