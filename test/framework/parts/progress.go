package parts

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// alive is how often a line is written while a part is built: CI systems give up on jobs that stay silent.
const alive = 15 * time.Second

// announce tells that a part is being built, and goes on telling until the returned function is called, once.
func announce(out io.Writer, s source) (done func(error)) {
	name := fmt.Sprintf("%s %s", s.Part, strings.TrimPrefix(s.version, "v"))
	fmt.Fprintf(out, "building %s from source, about %s the first time\n", name, minutes(s.minutes))
	start := time.Now()
	stop := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(alive)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				fmt.Fprintf(out, "building %s, %s so far\n", name, time.Since(start).Round(time.Second))
			}
		}
	})
	return func(err error) {
		close(stop)
		ended.Wait()
		if err == nil {
			fmt.Fprintf(out, "built %s in %s\n", name, time.Since(start).Round(time.Second))
		}
	}
}

func minutes(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}
