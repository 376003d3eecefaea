package parts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// compiledPerSecond is how many bytes of Go source one processor was seen to compile in a second, and linking how long it was seen to link one
	// program.
	compiledPerSecond = 75_000
	linking           = 8 * time.Second
	// trusted is after how long the speed of this machine has as much weight as that of other machines.
	trusted = 45 * time.Second
)

// estimate is how much of a build is left, by the source code that is still to be compiled. It is written to by go build -v, and is safe for concurrent
// use.
type estimate struct {
	programs int
	start    time.Time
	// others receives the lines that do not name a package.
	others io.Writer

	// mu guards what follows.
	mu sync.Mutex
	// sizes are the bytes of the packages that the compiler has not come to yet, by import path; left is their sum, total what it was at first.
	sizes       map[string]int64
	left, total int64
	// line is the incomplete last line.
	line []byte
}

// estimate fetches the source code, where it is not there yet, and lists by the go command which packages are to be compiled.
func (b batch) estimate(ctx context.Context, out io.Writer) (*estimate, error) {
	args := slices.Concat([]string{"list", "-deps"}, b[0].flags(), []string{"-f", "{{if .Stale}}{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \"\\t\"}}{{end}}"})
	if b[0].test {
		args = append(args, "-test")
	}
	for _, s := range b {
		args = append(args, s.main)
	}
	stop := repeat(out, func() string { return "fetching the source code" })
	text, err := run(ctx, b[0].dir, args...)
	stop()
	if err != nil {
		return nil, err
	}
	e := &estimate{programs: len(b), start: time.Now(), others: io.Discard, sizes: map[string]int64{}}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) < 2 {
			continue
		}
		e.add(fields[0], fields[1], fields[2:])
	}
	return e, nil
}

func (e *estimate) add(pkg, dir string, files []string) {
	var size int64
	for _, name := range files {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil { // A file that is generated counts for nothing.
			size += info.Size()
		}
	}
	e.sizes[pkg] = size
	e.left += size
	e.total += size
}

// Write receives the import paths of packages as the go command begins them, one per line.
func (e *estimate) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.line = append(e.line, p...)
	for {
		line, rest, complete := bytes.Cut(e.line, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		pkg := string(line)
		if size, known := e.sizes[pkg]; known {
			delete(e.sizes, pkg)
			e.left -= size
		} else if _, err := fmt.Fprintln(e.others, pkg); err != nil {
			return 0, err
		}
		e.line = rest
	}
}

// String describes the remaining work.
func (e *estimate) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.left == 0 {
		return "linking what is compiled"
	}
	return fmt.Sprintf("%d%% compiled, about %s left", 100*(e.total-e.left)/e.total, roughly(e.remaining(time.Since(e.start))))
}

// remaining is the time that is left after some has passed. mu is held.
func (e *estimate) remaining(passed time.Duration) time.Duration {
	processors := min(float64(runtime.GOMAXPROCS(0)), 8) // What is compiled depends on each other: more are of little use.
	perSecond := (float64(e.total-e.left) + processors*compiledPerSecond*trusted.Seconds()) / (passed + trusted).Seconds()
	link := time.Duration(float64(e.programs) * float64(linking) / processors)
	return time.Duration(float64(e.left)/perSecond*float64(time.Second)) + link
}

// roughly rounds a time to the precision of an estimate.
func roughly(d time.Duration) string {
	switch minutes := int(d.Round(time.Minute) / time.Minute); minutes {
	case 0:
		return "half a minute"
	case 1:
		return "a minute"
	default:
		return fmt.Sprintf("%d minutes", minutes)
	}
}
