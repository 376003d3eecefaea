package parts

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// alive is how often a line is written while a build goes on: CI systems give up on jobs that stay silent.
const alive = 15 * time.Second

// repeat writes a status as it is then, again and again, until the returned function is called, once.
func repeat(out io.Writer, status func() string) (stop func()) {
	over := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(alive)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
				fmt.Fprintln(out, status())
			}
		}
	})
	return func() {
		close(over)
		ended.Wait()
	}
}
