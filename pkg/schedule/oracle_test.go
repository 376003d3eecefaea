package schedule

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a random sequence of operations on tasks. Runs are due at whole seconds after the beginning, and the operations happen
// shortly before: by then each run has ended in both implementations, unless it is one of those that take some seconds.
type script struct {
	random *rand.Rand
	begin  time.Time
	tasks  []*fakeTask
	live   map[int]Entry
}

// play has 100 seconds pass on a scheduler, and returns when each task ran, in whole seconds, and whether it was closed.
func (s *script) play(r scheduler) []string {
	for range 20 {
		s.add(r)
	}
	<-time.After(900 * time.Millisecond)
	for range 100 {
		for range s.random.IntN(4) {
			s.change(r)
		}
		<-time.After(time.Second)
	}
	synctest.Wait()
	var played []string
	for _, task := range s.tasks {
		played = append(played, task.String())
	}
	return played
}

// String shows when the runs began, in whole seconds, and how the task ended.
func (f *fakeTask) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var seconds []int
	for _, at := range f.runs {
		seconds = append(seconds, int((at+500*time.Millisecond)/time.Second))
	}
	return fmt.Sprintf("runs %v, closed %d times, overlaps: %t", seconds, f.closed, f.overlaps)
}

func (s *script) add(r scheduler) {
	task := &fakeTask{made: s.begin, work: s.work()}
	period, urgent := time.Duration(2+s.random.IntN(8))*time.Second, s.random.IntN(2) == 0
	task.wait = func(began time.Duration) (time.Duration, bool) {
		// The next multiple of the period, but not one that was due just before.
		next := (began + 300*time.Millisecond).Truncate(period) + period
		return time.Until(s.begin.Add(next)), urgent
	}
	first := time.Since(s.begin).Truncate(time.Second) + time.Duration(1+s.random.IntN(8))*time.Second
	s.live[len(s.tasks)] = r.Add(task, time.Until(s.begin.Add(first)))
	s.tasks = append(s.tasks, task)
}

// work is what a task does in each run.
func (s *script) work() func(context.Context, Worker) {
	switch s.random.IntN(4) {
	case 0:
		return nil
	case 1:
		return yield
	case 2:
		return func(ctx context.Context, w Worker) {
			blockFor(30*time.Millisecond)(ctx, w)
			w.Yield()
			blockFor(30*time.Millisecond)(ctx, w)
		}
	default:
		return blockFor(2050 * time.Millisecond)
	}
}

// change does something to a task that was not removed.
func (s *script) change(r scheduler) {
	n := s.random.IntN(len(s.tasks))
	e := s.live[n]
	switch what := s.random.IntN(10); {
	case e == nil || what == 0:
		s.add(r)
	case what == 1:
		e.Remove()
		delete(s.live, n)
	default:
		e.Expedite(time.Duration(s.random.IntN(4))*time.Second + 100*time.Millisecond)
	}
}

// TestSchedulerAgreesWithPlain plays random scripts on both.
func TestSchedulerAgreesWithPlain(t *testing.T) {
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var played [][]string
			for _, i := range implementations {
				synctest.Test(t, func(t *testing.T) {
					r := start(t, i.make())
					defer r.stop()
					s := &script{random: rand.New(rand.NewPCG(seed, 0)), begin: time.Now(), live: map[int]Entry{}}
					played = append(played, s.play(r))
				})
			}
			if diff := cmp.Diff(played[1], played[0]); diff != "" {
				t.Errorf("the scheduler differs from the plain one (-plain +scheduler):\n%s", diff)
			}
		})
	}
}
