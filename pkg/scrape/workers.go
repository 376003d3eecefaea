package scrape

import (
	"runtime"
	"sync"
)

// workers look on behalf of loops. Asking goes deep: a goroutine that waits for its next look most of the time would grow its stack
// anew for each, and hold it in between. There are as many workers as looks at once, and few when nobody looks.
type workers struct {
	// mu guards what follows.
	mu sync.Mutex
	// idle are the workers without work, the one that had some last at the end: its stack is warm.
	idle  []chan work
	ended bool
}

type work struct {
	do   func()
	done chan<- struct{}
}

// run has a worker do something, and returns when it is done. The channel has room for one.
func (w *workers) run(do func(), done chan struct{}) {
	w.take() <- work{do, done}
	<-done
}

func (w *workers) take() chan<- work {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.idle) - 1; last >= 0 {
		worker := w.idle[last]
		w.idle = w.idle[:last]
		return worker
	}
	worker := make(chan work)
	go w.serve(worker)
	return worker
}

func (w *workers) serve(worker chan work) {
	for next := range worker {
		next.do()
		stays := w.rest(worker)
		next.done <- struct{}{}
		if !stays {
			return
		}
	}
}

// rest is false where enough others are idle.
func (w *workers) rest(worker chan work) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || len(w.idle) >= 2*runtime.GOMAXPROCS(0) {
		return false
	}
	w.idle = append(w.idle, worker)
	return true
}

// end lets all workers go. Nobody runs anything any more.
func (w *workers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for _, worker := range w.idle {
		close(worker)
	}
	w.idle = nil
}
