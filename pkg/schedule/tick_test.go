package schedule

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// addInTick adds tasks that are due in one tick, a second after now and once a period.
func addInTick(r *started, n int, work func(i int) func(context.Context, Worker)) (tasks []*fakeTask) {
	for i := range n {
		task := newTask(work(i))
		r.Add(task, time.Second+time.Duration(i+1)*time.Millisecond)
		tasks = append(tasks, task)
	}
	return tasks
}

func always(work func(context.Context, Worker)) func(int) func(context.Context, Worker) {
	return func(int) func(context.Context, Worker) { return work }
}

// gauge counts what is under way at once, and keeps the most.
type gauge struct {
	mu        sync.Mutex
	now, most int
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += n
	g.most = max(g.most, g.now)
}

// TestTasksOfATickRunOneAfterTheOther where each run takes less than a handover.
func TestTasksOfATickRunOneAfterTheOther(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
		g := &gauge{}
		tasks := addInTick(r, 10, always(func(ctx context.Context, w Worker) {
			g.add(1)
			defer g.add(-1)
			blockFor(time.Millisecond)(ctx, w)
		}))
		<-time.After(5 * period)
		synctest.Wait()
		if g.most != 1 {
			t.Errorf("%d runs were under way at once, want 1", g.most)
		}
		for _, task := range tasks {
			task.check(t, 5, false)
		}
	})
}

// TestBlockedTaskDelaysNoOtherOfItsTick by more than a few ticks, whether or not the runs yield.
func TestBlockedTaskDelaysNoOtherOfItsTick(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first func(context.Context, Worker)
	}{
		{"without a yield", func(context.Context, Worker) {}},
		{"with a yield", yield},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
				tasks := addInTick(r, 10, func(i int) func(context.Context, Worker) {
					if i%3 != 0 {
						return tt.first
					}
					return func(ctx context.Context, w Worker) {
						tt.first(ctx, w)
						blockFor(9*time.Second)(ctx, w)
					}
				})
				<-time.After(5 * period)
				synctest.Wait()
				for i, task := range tasks {
					if i%3 != 0 {
						task.checkPunctual(t)
					}
				}
			})
		})
	}
}

// checkPunctual wants five runs, the first a second after the task was added and each a period after the one before, a few ticks late at most.
func (f *fakeTask) checkPunctual(t *testing.T) {
	t.Helper()
	f.check(t, 5, false)
	for i, at := range f.began() {
		if late := at - time.Second - time.Duration(i)*period; late < 0 || late > 5*Tick {
			t.Errorf("run %d began %s after it was due", i, late)
		}
	}
}

// TestRepeatedlyBlockedTaskDelaysNoOther: the task blocks once for each of 8,000 pieces.
func TestRepeatedlyBlockedTaskDelaysNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
		tasks := addInTick(r, 5, func(i int) func(context.Context, Worker) {
			if i > 0 {
				return yield
			}
			return func(ctx context.Context, w Worker) {
				for range 8000 {
					blockFor(time.Millisecond)(ctx, w)
				}
			}
		})
		<-time.After(5 * period)
		synctest.Wait()
		for _, task := range tasks[1:] {
			task.checkPunctual(t)
		}
	})
}

// TestExpeditedTasksShareTicks has many tasks be expedited to be due within a second.
func TestExpeditedTasksShareTicks(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
		var tasks []*fakeTask
		var entries []Entry
		for range 100 {
			task := newTask(nil)
			tasks, entries = append(tasks, task), append(entries, r.Add(task, period))
		}
		<-time.After(time.Second)
		for i, e := range entries {
			e.Expedite(time.Duration(i)*time.Millisecond + 1)
		}
		<-time.After(Tick + ShortTick)
		for i, task := range tasks {
			runs := task.began()
			if len(runs) != 1 || runs[0]%ShortTick != 0 {
				t.Errorf("task %d ran after %s, want one end of a tick of %s", i, runs, ShortTick)
			}
		}
	})
}

// TestOverloadedSchedulerEndsRunsThatHaveBegun has tasks be due faster than the cores can follow. No more runs begin than can end soon.
func TestOverloadedSchedulerEndsRunsThatHaveBegun(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
		var mu sync.Mutex
		var longest time.Duration
		g := &gauge{}
		// A run that waits without being blocked stands for one that uses a core.
		use := func() {
			g.add(1)
			defer g.add(-1)
			<-time.After(time.Millisecond)
		}
		var tasks []*fakeTask
		for range 1000 * maxWorkers() {
			task := newTask(func(_ context.Context, w Worker) {
				begin := time.Now()
				w.Blocked(true) // What was blocked and is no longer counts again.
				w.Blocked(false)
				use()
				w.Yield()
				use()
				mu.Lock()
				defer mu.Unlock()
				longest = max(longest, time.Since(begin))
			})
			tasks = append(tasks, task)
			r.Add(task, time.Duration(len(tasks)%1000)*time.Millisecond)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		for _, task := range tasks {
			if got := len(task.began()); got != 1 {
				t.Fatalf("a task ran %d times, want once", got)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if longest > 3*Tick {
			t.Errorf("a run took %s, want %s at most", longest, 3*Tick)
		}
		// A worker that takes the next entry may meet one that came for it.
		if g.most > 2*maxWorkers() {
			t.Errorf("%d runs used a core at once, want %d at most", g.most, 2*maxWorkers())
		}
	})
}

// TestTicksOfRuns: an urgent run begins and is resumed at the end of a short tick, another one at that of a full tick.
func TestTicksOfRuns(t *testing.T) {
	const due = 1250 * time.Millisecond // The end of a short tick would be 10 ms later, that of a full tick 50 ms.
	for _, tt := range []struct {
		name   string
		urgent bool
		// during is called in the first run, after once that has ended; nil for neither.
		during, after  func(Entry)
		begins, resume time.Duration
	}{
		{"in turn", false, nil, nil, 1300 * time.Millisecond, 1400 * time.Millisecond},
		{"urgent", true, nil, nil, 1260 * time.Millisecond, 1320 * time.Millisecond},
		{"expedited during a run", false, func(e Entry) { e.Expedite(850*time.Millisecond - ShortTick) }, nil, 860 * time.Millisecond, 920 * time.Millisecond},
		{"expedited after a run", false, nil, func(e Entry) { e.Expedite(850*time.Millisecond - ShortTick) }, 860 * time.Millisecond, 920 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *Scheduler, r *started) {
				begin := time.Now()
				added := make(chan Entry, 1)
				var resumed []time.Duration
				task := newTask(func(_ context.Context, w Worker) {
					if time.Since(begin) < Tick { // The first run.
						if tt.during != nil {
							tt.during(<-added)
						}
						return
					}
					w.Yield()
					resumed = append(resumed, time.Since(begin))
				})
				task.wait = func(time.Duration) (time.Duration, bool) { return due - time.Since(begin), tt.urgent }
				e := r.Add(task, ShortTick)
				added <- e
				<-time.After(ShortTick)
				synctest.Wait()
				if tt.after != nil {
					tt.after(e)
				}
				<-time.After(due + 2*Tick)
				synctest.Wait()
				runs := task.began()
				if len(runs) < 2 || runs[1] != tt.begins || len(resumed) == 0 || resumed[0] != tt.resume {
					t.Errorf("runs began after %s and were resumed after %s, want %s and %s", runs, resumed, tt.begins, tt.resume)
				}
			})
		})
	}
}

// TestIdleWorkersAreBounded where many were blocked at once.
func TestIdleWorkersAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Scheduler, r *started) {
		workers := 20 * maxWorkers()
		for range workers {
			r.Add(newTask(blockFor(time.Second)), 0)
		}
		<-time.After(time.Second)
		s.mu.Lock()
		if s.blocked != workers {
			t.Errorf("%d workers are blocked, want %d", s.blocked, workers)
		}
		s.mu.Unlock()
		<-time.After(2 * time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.idle > maxWorkers() || s.busy != 0 || s.blocked != 0 {
			t.Errorf("%d workers are idle, %d busy and %d blocked, want %d at most and none", s.idle, s.busy, s.blocked, maxWorkers())
		}
	})
}
