package world

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"
)

// watcher reads all that one Plimsoll serves at a steady pace, and compares each value with the truth.
type watcher struct {
	client metricsclient.Interface
	end    func()

	mu sync.Mutex
	// mu guards what follows. seen are the results, in the order of their end.
	seen []sighting
	// newest are the timestamps that were seen last, by name.
	newest map[string]time.Time
}

// sighting is the result of one read.
type sighting struct {
	at time.Time
	// age is that of the oldest usage.
	age time.Duration
	// compared is how many rates were right, wrong why a value was not, refused why nothing was served, missing what was not.
	compared                int
	wrong, refused, missing error
}

// watch reads with the client until end is called or the test is over.
func watch(t *testing.T, client metricsclient.Interface, every time.Duration) *watcher {
	w := &watcher{client: client, newest: map[string]time.Time{}}
	w.end = repeat(t, every, func(ctx context.Context) error { w.look(ctx); return nil }).end
	return w
}

func (w *watcher) look(ctx context.Context) {
	w.mu.Lock() // One read at a time, so that their order is known.
	defer w.mu.Unlock()
	v, err := read(ctx, w.client)
	s := sighting{at: v.at, refused: err}
	if err == nil {
		s.compared, s.wrong = v.isTrue()
		s.missing = v.complete(anyAge)
		for name, at := range v.times() {
			s.age = max(s.age, v.at.Sub(at))
			switch {
			case s.wrong != nil:
			case at.After(time.Now().Add(time.Second)):
				s.wrong = fmt.Errorf("the timestamp %s of %s is in the future", at.Format(time.TimeOnly), name)
			case at.Before(w.newest[name]):
				s.wrong = fmt.Errorf("the timestamp of %s went from %s back to %s", name, w.newest[name].Format(time.TimeOnly), at.Format(time.TimeOnly))
			}
			w.newest[name] = at
		}
	}
	w.seen = append(w.seen, s)
}

// anyAge is older than any usage.
const anyAge = 24 * time.Hour

// stretch is what was seen between two moments.
type stretch struct {
	reads, refused, incomplete, compared int
	// age is that of the oldest usage, gap the longest time without a complete response.
	age, gap time.Duration
	// They are the first of their kind.
	firstWrong, firstRefused, firstMissing error
}

// between returns what the reads that began between two moments saw.
func (w *watcher) between(from, to time.Time) (s stretch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	complete := from
	for _, one := range w.seen {
		if one.at.Before(from) || !one.at.Before(to) {
			continue
		}
		s.reads++
		s.compared += one.compared
		s.age = max(s.age, one.age)
		if s.firstWrong == nil {
			s.firstWrong = one.wrong
		}
		switch {
		case one.refused != nil:
			s.refused++
			if s.firstRefused == nil {
				s.firstRefused = one.refused
			}
		case one.missing != nil:
			s.incomplete++
			if s.firstMissing == nil {
				s.firstMissing = one.missing
			}
		default:
			s.gap, complete = max(s.gap, one.at.Sub(complete)), one.at
		}
	}
	s.gap = max(s.gap, to.Sub(complete))
	return s
}

// String formats the figures for the log.
func (s stretch) String() string {
	return fmt.Sprintf("%d reads: %d refused, %d incomplete, %d rates right, oldest usage %.1f s, longest time without all usage %.1f s",
		s.reads, s.refused, s.incomplete, s.compared, s.age.Seconds(), s.gap.Seconds())
}

// requireRight wants every value to be right.
func (s stretch) requireRight(t *testing.T, when string) {
	t.Helper()
	if s.firstWrong != nil {
		t.Errorf("%s: %v", when, s.firstWrong)
	}
}

// requireComplete wants every response to be complete, right, and not older than most.
func (s stretch) requireComplete(t *testing.T, when string, most time.Duration) {
	t.Helper()
	s.requireRight(t, when)
	if s.reads == 0 || s.refused+s.incomplete > 0 {
		t.Errorf("%s: %v, the first refusal: %v; the first incomplete response: %v", when, s, s.firstRefused, s.firstMissing)
	}
	if s.age > most+time.Second {
		t.Errorf("%s: usage is %s old, want at most %s", when, s.age, most)
	}
}
