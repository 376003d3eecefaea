package schedule

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// period is how often the tasks of the tests run, unless a test sets another one.
const period = 10 * time.Second

// fakeTask records its runs. All its times are since it was made.
type fakeTask struct {
	made time.Time
	// work is done in each run; nil for nothing.
	work func(ctx context.Context, w Worker)
	// wait returns what Run returns, from when the run began; nil for one period after the run began.
	wait func(began time.Duration) (next time.Duration, urgent bool)

	mu sync.Mutex
	// runs are when the runs began, ended how many have returned, and closed how often the task was closed.
	runs          []time.Duration
	ended, closed int
	// overlaps is true where two runs, or a run and Close, were under way at once, or a run followed Close.
	overlaps bool
}

func newTask(work func(ctx context.Context, w Worker)) *fakeTask {
	return &fakeTask{made: time.Now(), work: work}
}

// Run implements Task.
func (f *fakeTask) Run(ctx context.Context, w Worker) (next time.Duration, urgent bool) {
	began := time.Since(f.made)
	f.mu.Lock()
	f.overlaps = f.overlaps || len(f.runs) > f.ended || f.closed > 0
	f.runs = append(f.runs, began)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.ended++
	}()
	if f.work != nil {
		f.work(ctx, w)
	}
	if f.wait != nil {
		return f.wait(began)
	}
	return began + period - time.Since(f.made), false
}

// Close implements Task.
func (f *fakeTask) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.overlaps = f.overlaps || len(f.runs) > f.ended
	f.closed++
}

func (f *fakeTask) began() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.runs)
}

// check wants a number of runs, and to be closed or not.
func (f *fakeTask) check(t *testing.T, runs int, closed bool) {
	t.Helper()
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.runs) != runs {
		t.Errorf("%d runs at %s, want %d", len(f.runs), f.runs, runs)
	}
	if closed && f.closed != 1 || !closed && f.closed != 0 {
		t.Errorf("closed %d times, want closed: %t", f.closed, closed)
	}
	if f.overlaps {
		t.Error("a run or Close began before the run before had ended, or a run after Close")
	}
}

// checkAt wants each run to have begun at a time or up to a tick later.
func (f *fakeTask) checkAt(t *testing.T, want ...time.Duration) {
	t.Helper()
	synctest.Wait()
	got := f.began()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = got[i] >= want[i] && got[i] <= want[i]+Tick
	}
	if !ok {
		t.Errorf("runs began after %s, want %s or up to %s later", got, want, Tick)
	}
}

// blockFor is a piece of work that is blocked for a while, or until the context is done.
func blockFor(d time.Duration) func(context.Context, Worker) {
	return func(ctx context.Context, w Worker) {
		w.Blocked(true)
		defer w.Blocked(false)
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
}

func yield(_ context.Context, w Worker) { w.Yield() }

// scheduler is what both implementations are.
type scheduler interface {
	Add(Task, time.Duration) Entry
	Start(context.Context) error
}

// implementations are those that every test of the semantics holds for.
var implementations = []struct {
	name string
	make func() scheduler
}{
	{"Scheduler", func() scheduler { return New() }},
	{"plain", func() scheduler { return newPlain() }},
}

// started is a scheduler that runs. Its times are those of a bubble.
type started struct {
	scheduler
	cancel context.CancelFunc
	ended  chan struct{}
}

// start starts a scheduler until the test ends or calls stop.
func start(t *testing.T, s scheduler) *started {
	ctx, cancel := context.WithCancel(t.Context())
	r := &started{scheduler: s, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		if err := s.Start(ctx); err != nil {
			t.Errorf("Start: %v", err)
		}
	}()
	synctest.Wait()
	return r
}

// stop ends the scheduler, and returns when all that it runs has ended.
func (r *started) stop() {
	r.cancel()
	<-r.ended
}

// inBubble runs a test on a clock of its own with a started Scheduler.
func inBubble(t *testing.T, test func(t *testing.T, s *Scheduler, r *started)) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		r := start(t, s)
		defer r.stop()
		test(t, s, r)
	})
}
