package schedule

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

// TestRunsOfATickYieldTogether and are resumed together, by one worker that is busy and one that is idle.
func TestRunsOfATickYieldTogether(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
		resumed := make([][]time.Duration, 10)
		begin := time.Now()
		addInTick(r, 10, func(i int) func(context.Context, Worker) {
			return func(_ context.Context, w Worker) {
				w.Yield()
				resumed[i] = append(resumed[i], time.Since(begin))
			}
		})
		<-time.After(5 * period)
		synctest.Wait()
		for i, times := range resumed {
			if len(times) != 5 {
				t.Fatalf("run %d was resumed after %s, want 5 times", i, times)
			}
			if got, want := times[4], resumed[0][4]; got != want {
				t.Errorf("task %d was resumed after %s, the first one after %s", i, got, want)
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.idle > 2 {
			t.Errorf("%d workers are idle, want two at most", s.idle)
		}
		if got := len(s.coroutines); got != 10 {
			t.Errorf("there are %d coroutines, want one for each of 10 tasks", got)
		}
	})
}

// TestUrgentRunsYieldForShortTicks: the first of a task, and one after a run that called it urgent.
func TestUrgentRunsYieldForShortTicks(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
		var resumed []time.Duration
		begin := time.Now()
		task := newTask(func(_ context.Context, w Worker) {
			w.Yield()
			resumed = append(resumed, time.Since(begin))
		})
		task.wait = func(began time.Duration) (time.Duration, bool) {
			return began + 1500*time.Millisecond - time.Since(begin), true
		}
		r.Add(task, 333*time.Millisecond)
		<-time.After(3 * time.Second)
		synctest.Wait()
		due := 333 * time.Millisecond
		for i, at := range resumed[:2] {
			if late := at - due; late < 0 || late > minYield+2*ShortTick {
				t.Errorf("run %d was resumed %s after it was due, want %s at most", i, late, minYield+2*ShortTick)
			}
			due = task.began()[i] + 1500*time.Millisecond
		}
	})
}

// awaitYielded returns once so many runs have yielded, which those of a tick do together.
func awaitYielded(t *testing.T, s *Scheduler, runs int) {
	t.Helper()
	for range int(2 * period / time.Millisecond) {
		<-time.After(time.Millisecond)
		synctest.Wait()
		if s.yielded() >= runs {
			return
		}
	}
	t.Fatalf("%d runs never had yielded at once", runs)
}

func (s *Scheduler) yielded() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.yielded)
}

// TestRemoveWhileARunHasYielded waits no longer than it takes to resume the run.
func TestRemoveWhileARunHasYielded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
		var err error
		task := newTask(func(ctx context.Context, w Worker) {
			w.Yield()
			err = ctx.Err()
		})
		e := r.Add(task, time.Second)
		awaitYielded(t, s, 1)
		begin := time.Now()
		e.Remove()
		task.check(t, 1, true)
		if took := time.Since(begin); took > 0 {
			t.Errorf("it took %s", took)
		}
		if err == nil {
			t.Error("the context of the run was not cancelled")
		}
		<-time.After(2 * period)
		task.check(t, 1, true)
	})
}

// TestExpediteWhileARunHasYielded has the next run follow once the run is over.
func TestExpediteWhileARunHasYielded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
		task := newTask(yield)
		e := r.Add(task, time.Second)
		awaitYielded(t, s, 1)
		e.Expedite(0)
		<-time.After(4 * Tick)
		task.check(t, 2, false)
	})
}

// TestStopWhileRunsHaveYielded: the bubble fails where a run, or its coroutine, is left.
func TestStopWhileRunsHaveYielded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		remove bool
	}{{"alone", false}, {"and are removed", true}} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
				var tasks []*fakeTask
				var entries []Entry
				for range 20 {
					task := newTask(func(_ context.Context, w Worker) {
						w.Yield()
						w.Yield()
					})
					tasks, entries = append(tasks, task), append(entries, r.Add(task, time.Second))
				}
				awaitYielded(t, s, 2)
				for _, e := range entries {
					if tt.remove {
						go e.Remove()
					}
				}
				r.stop()
				for _, task := range tasks {
					task.check(t, len(task.began()), true)
				}
			})
		})
	}
}

// TestFreeCoroutinesAreBounded where many runs were under way at once.
func TestFreeCoroutinesAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
		var entries []Entry
		for range 3 * maxFree {
			entries = append(entries, r.Add(newTask(blockFor(time.Hour)), time.Second))
		}
		<-time.After(2 * period)
		for _, e := range entries {
			e.Remove()
		}
		<-time.After(2 * Tick) // The runs that were under way end.
		s.mu.Lock()
		defer s.mu.Unlock()
		if got := len(s.coroutines); got != maxFree {
			t.Errorf("%d coroutines are kept, want %d", got, maxFree)
		}
	})
}

// faulty is a task whose bug the log has to lead to.
type faulty struct{ periods []time.Duration }

func (f faulty) Run(context.Context, Worker) (time.Duration, bool) { return f.periods[0], false }
func (f faulty) Close()                                            {}

// TestPanicKeepsItsTrace: the worker that resumes a coroutine sees the panic, but not where it began. The log has that.
func TestPanicKeepsItsTrace(t *testing.T) {
	logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true)))
	ctx := klog.NewContext(t.Context(), logger)
	s := New()
	e := &entry{scheduler: s, task: faulty{}, ctx: ctx}
	s.coroutines.attach(ctx, e)
	func() {
		defer func() {
			if fault := recover(); fault == nil {
				t.Error("the panic did not go on")
			}
		}()
		e.coroutine.proceed()
	}()
	logs := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
	if !strings.Contains(logs, "index out of range") || !strings.Contains(logs, "faulty.Run") {
		t.Errorf("the log has no trace:\n%s", logs)
	}
}
