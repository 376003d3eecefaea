//go:build unix

// Command load runs in the pods of the end-to-end tests: it uses a known share of processor time and a known amount of
// memory, and can be set to use another share.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	cores := flag.Int("millicores", 0, "processor time to use, in thousandths of a core")
	memory := flag.Int("mebibytes", 0, "memory to hold, in MiB")
	disk := flag.Int("disk", 0, "what to write to a file, in MiB")
	listen := flag.String("listen", "", "address on which to set the share: PUT /?millicores=N")
	lasts := suiteFlags(memory)
	once := flag.Bool("once", false, "end at once, as an init container does")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	if d := *lasts; d > 0 {
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	held := hold(*memory)
	if err := write(*disk); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if *once {
		return
	}
	var share atomic.Int64
	share.Store(int64(*cores))
	if *listen != "" {
		go func() {
			fmt.Fprintln(os.Stderr, "listen:", http.ListenAndServe(*listen, shareHandler(&share)))
			cancel()
		}()
	}
	burn(ctx, &share)
	fmt.Fprintln(os.Stderr, "held", len(held), "bytes")
}

// hold returns memory every page of which has been written.
func hold(mebibytes int) []byte {
	held := make([]byte, mebibytes<<20)
	for i := 0; i < len(held); i += os.Getpagesize() {
		held[i] = 1
	}
	return held
}

// write leaves a file of that size.
func write(mebibytes int) error {
	if mebibytes == 0 {
		return nil
	}
	return os.WriteFile("/written", make([]byte, mebibytes<<20), 0o600)
}

// shareHandler sets the share to the value in a request.
func shareHandler(share *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		millicores, err := strconv.Atoi(r.URL.Query().Get("millicores"))
		if err != nil || r.Method != http.MethodPut {
			http.Error(w, "send PUT /?millicores=N", http.StatusBadRequest)
			return
		}
		share.Store(int64(millicores))
	}
}

// burn keeps the processor time of this process at the share of the time that passes. What a busy machine withholds is used
// later, at no more than twice the share, unless that is more than half a second's worth.
func burn(ctx context.Context, share *atomic.Int64) {
	const slice = 20 * time.Millisecond
	tick := time.NewTicker(slice)
	defer tick.Stop()
	last, spent, owed := time.Now(), used(), time.Duration(0)
	for ctx.Err() == nil {
		<-tick.C
		now := time.Now()
		rate := float64(share.Load()) / 1000
		worth := func(d time.Duration) time.Duration { return time.Duration(rate * float64(d)) }
		owed = min(owed+worth(now.Sub(last)), worth(time.Second/2))
		last = now
		for limit := spent + min(owed, worth(2*slice)); spent < limit; {
			u := used()
			owed, spent = owed-(u-spent), u
		}
	}
}

// used is the processor time of this process.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
