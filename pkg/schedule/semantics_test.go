package schedule

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

type contextKey struct{}

// TestSemantics holds for both implementations.
func TestSemantics(t *testing.T) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, r *started)
	}{
		{"a task runs after its delay and then after the wait that it returns", func(t *testing.T, r *started) {
			task := newTask(nil)
			r.Add(task, time.Second)
			<-time.After(2*period + time.Second + Tick)
			task.checkAt(t, time.Second, time.Second+period, time.Second+2*period)
		}},
		{"an urgent run comes when it is due", func(t *testing.T, r *started) {
			task := newTask(nil)
			task.wait = func(time.Duration) (time.Duration, bool) { return period, true }
			r.Add(task, 0)
			<-time.After(2*period + Tick)
			task.checkAt(t, 0, period, 2*period)
		}},
		{"the next run counts from the end of the run before", func(t *testing.T, r *started) {
			task := newTask(blockFor(3 * time.Second))
			task.wait = func(time.Duration) (time.Duration, bool) { return period, false }
			r.Add(task, 0)
			<-time.After(period + 3*time.Second + Tick)
			task.checkAt(t, 0, period+3*time.Second)
		}},
		{"a blocked task delays no other", func(t *testing.T, r *started) {
			for range 50 {
				r.Add(newTask(blockFor(time.Hour)), time.Second)
			}
			task := newTask(nil)
			r.Add(task, time.Second)
			<-time.After(period + time.Second + Tick)
			task.checkAt(t, time.Second, time.Second+period)
		}},
		{"a run goes on after it has yielded", func(t *testing.T, r *started) {
			resumed := 0
			task := newTask(func(_ context.Context, w Worker) {
				w.Yield()
				w.Yield()
				resumed++
			})
			r.Add(task, 0)
			<-time.After(4 * Tick)
			task.checkAt(t, 0)
			if resumed != 1 {
				t.Errorf("resumed %d times", resumed)
			}
		}},
		{"an expedited task runs at once", func(t *testing.T, r *started) {
			task := newTask(nil)
			e := r.Add(task, time.Second)
			e.Expedite(0)
			synctest.Wait()
			task.check(t, 1, false)
			<-time.After(2 * time.Second)
			task.checkAt(t, 0)
		}},
		{"an expedited task runs after a while at the latest", func(t *testing.T, r *started) {
			task := newTask(nil)
			e := r.Add(task, 5*time.Second)
			e.Expedite(time.Second)
			e.Expedite(2 * time.Second)
			<-time.After(period)
			task.checkAt(t, time.Second)
		}},
		{"a task that is due earlier is not put off", func(t *testing.T, r *started) {
			task := newTask(nil)
			e := r.Add(task, time.Second)
			e.Expedite(5 * time.Second)
			<-time.After(period)
			task.checkAt(t, time.Second)
		}},
		{"a task that is expedited during a run runs again after it", func(t *testing.T, r *started) {
			task := newTask(blockFor(3 * time.Second))
			e := r.Add(task, 0)
			<-time.After(time.Second)
			e.Expedite(time.Minute)
			e.Expedite(0)
			e.Expedite(time.Second)
			<-time.After(6 * time.Second)
			task.checkAt(t, 0, 3*time.Second)
			task.check(t, 2, false)
		}},
		{"the wait that the task returns applies where it is shorter", func(t *testing.T, r *started) {
			task := newTask(blockFor(time.Second))
			task.wait = func(time.Duration) (time.Duration, bool) { return time.Second, false }
			e := r.Add(task, 0)
			<-time.After(Tick)
			synctest.Wait()
			e.Expedite(time.Minute)
			<-time.After(2 * time.Second)
			task.checkAt(t, 0, 2*time.Second)
		}},
		{"a task that waits is closed when it is removed", func(t *testing.T, r *started) {
			task := newTask(nil)
			e := r.Add(task, time.Second)
			<-time.After(2 * time.Second)
			e.Remove()
			task.check(t, 1, true)
			e.Remove()
			e.Expedite(0)
			<-time.After(2 * period)
			task.check(t, 1, true)
		}},
		{"a task that runs is cancelled when it is removed, and closed when it has ended", func(t *testing.T, r *started) {
			var err error
			task := newTask(func(ctx context.Context, w Worker) {
				blockFor(time.Hour)(ctx, w)
				err = ctx.Err()
				<-time.After(time.Minute)
			})
			e := r.Add(task, 0)
			<-time.After(time.Second)
			removing := time.Now()
			e.Remove()
			e.Expedite(0)
			if waited := time.Since(removing); waited > 0 {
				t.Errorf("Remove waited for %s", waited)
			}
			task.check(t, 1, false)
			<-time.After(time.Hour)
			task.check(t, 1, true)
			if err == nil {
				t.Error("the context of the run was not cancelled")
			}
		}},
		{"a task that has yielded ends at once when it is removed", func(t *testing.T, r *started) {
			task := newTask(yield)
			e := r.Add(task, 0)
			<-time.After(ShortTick)
			synctest.Wait()
			e.Remove()
			task.check(t, 1, true)
			<-time.After(period)
			task.check(t, 1, true)
		}},
		{"a task that goes on yielding after it was removed is closed when it has ended", func(t *testing.T, r *started) {
			task := newTask(func(_ context.Context, w Worker) {
				for range 5 {
					w.Yield()
				}
			})
			e := r.Add(task, 0)
			<-time.After(ShortTick)
			synctest.Wait()
			e.Remove()
			<-time.After(6 * Tick)
			task.check(t, 1, true)
		}},
		{"removing one task leaves the others", func(t *testing.T, r *started) {
			stays, goes := newTask(nil), newTask(nil)
			r.Add(stays, time.Second)
			r.Add(goes, time.Second).Remove()
			<-time.After(2 * time.Second)
			goes.check(t, 0, true)
			stays.checkAt(t, time.Second)
		}},
		{"stopping cancels the runs, waits for them and closes all tasks", func(t *testing.T, r *started) {
			waits, runs, yields := newTask(nil), newTask(nil), newTask(yield)
			runs.work = func(ctx context.Context, w Worker) {
				blockFor(time.Hour)(ctx, w)
				<-time.After(time.Minute)
			}
			r.Add(waits, time.Hour)
			r.Add(runs, 0)
			r.Add(yields, 0)
			<-time.After(2 * ShortTick)
			synctest.Wait()
			stopping := time.Now()
			r.stop()
			if took := time.Since(stopping); took != time.Minute {
				t.Errorf("stopping took %s, want %s", took, time.Minute)
			}
			waits.check(t, 0, true)
			runs.check(t, 1, true)
			yields.check(t, 1, true)
		}},
		{"nothing runs that is added after the end", func(t *testing.T, r *started) {
			r.stop()
			task := newTask(nil)
			e := r.Add(task, 0)
			e.Expedite(0)
			<-time.After(time.Second)
			task.check(t, 0, false)
			e.Remove()
			task.check(t, 0, true)
		}},
		{"a run has the values of the context of Start", func(t *testing.T, r *started) {
			var value any
			r.Add(newTask(func(ctx context.Context, _ Worker) { value = ctx.Value(contextKey{}) }), 0)
			<-time.After(Tick)
			synctest.Wait()
			if value != "value" {
				t.Errorf("got %v", value)
			}
		}},
	} {
		for _, i := range implementations {
			t.Run(i.name+": "+tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := start(t, withValue{i.make()})
					defer r.stop()
					tt.test(t, r)
				})
			})
		}
	}
}

// withValue starts a scheduler with a context that has a value.
type withValue struct{ scheduler }

func (w withValue) Start(ctx context.Context) error {
	return w.scheduler.Start(context.WithValue(ctx, contextKey{}, "value"))
}

// TestBeforeStart adds tasks to a scheduler that is started a minute later.
func TestBeforeStart(t *testing.T) {
	for _, i := range implementations {
		t.Run(i.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := i.make()
				early, late, expedited, removed := newTask(nil), newTask(nil), newTask(nil), newTask(nil)
				s.Add(late, 3*time.Second)
				s.Add(early, time.Second)
				s.Add(expedited, 2*time.Second).Expedite(0)
				s.Add(removed, 0).Remove()
				<-time.After(time.Minute)
				early.check(t, 0, false)
				removed.check(t, 0, true)
				r := start(t, s)
				defer r.stop()
				<-time.After(period)
				early.checkAt(t, time.Minute+time.Second)
				late.checkAt(t, time.Minute+3*time.Second)
				expedited.checkAt(t, time.Minute+2*time.Second)
				removed.check(t, 0, true)
			})
		})
	}
}
