package loglimit

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// PerMinute is how many lines of one call site a Writer passes on in a minute.
const PerMinute = 20

// Writer is the stream of a log, one line in each Write, text or JSON. It omits what one call site of a library writes beyond PerMinute, for libraries that
// log what a client does: a client may not choose the size of the log. The last line before lines are omitted says so, and the next line of that call site has
// their number. It is safe for concurrent use if Next is.
type Writer struct {
	// Next receives the other lines.
	Next io.Writer
	// Limited are parts of the names of functions or of their files whose lines are limited, such as "k8s.io/apiserver", and Exempt of those among them whose
	// lines are not. The innermost function on the stack that is in Limited or is Plimsoll's own decides.
	Limited, Exempt []string

	mu sync.Mutex
	// sites have an element for each call site that has logged: a fixed set, because the program has no others.
	sites map[callSite]*minute
}

// callSite is where a function calls the log.
type callSite struct {
	function string
	line     int
}

// minute is what one call site has logged.
type minute struct {
	begin time.Time
	// passed and omitted are numbers of lines: passed since begin, omitted since the last one that was passed on.
	passed, omitted int
}

// Write implements io.Writer. An omitted line counts as written.
func (w *Writer) Write(line []byte) (int, error) {
	site, limited := w.callSite()
	if !limited {
		return w.Next.Write(line)
	}
	omitted, left := w.take(site)
	if left < 0 {
		return len(line), nil
	}
	out := line
	if omitted > 0 {
		out = annotate(out, "omittedLines", strconv.Itoa(omitted))
	}
	if left == 0 {
		out = annotate(out, "next", `"further lines of this kind are omitted for up to a minute"`)
	}
	_, err := w.Next.Write(out)
	return len(line), err
}

// take counts one line. It returns how many were omitted before it, and how many may follow in this minute; a negative number where the line is omitted.
func (w *Writer) take(site callSite) (omitted, left int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.sites[site]
	if m == nil {
		if w.sites == nil {
			w.sites = map[callSite]*minute{}
		}
		m = &minute{}
		w.sites[site] = m
	}
	if now := time.Now(); now.Sub(m.begin) >= time.Minute {
		m.begin, m.passed = now, 0
	}
	if m.passed == PerMinute {
		m.omitted++
		return 0, -1
	}
	omitted, m.omitted = m.omitted, 0
	m.passed++
	return omitted, PerMinute - m.passed
}

// callSite is the call of the log, if its lines are limited.
func (w *Writer) callSite() (site callSite, limited bool) {
	var stack [32]uintptr // The logging libraries have some ten frames.
	frames := runtime.CallersFrames(stack[:runtime.Callers(3, stack[:])])
	for {
		frame, more := frames.Next()
		// A function literal of a library that the compiler has inlined into Plimsoll has the name of a function of Plimsoll, and a file of the library.
		in := func(part string) bool {
			return strings.Contains(frame.Function, part) || strings.Contains(frame.File, part)
		}
		switch {
		case slices.ContainsFunc(w.Limited, in):
			return callSite{frame.Function, frame.Line}, !slices.ContainsFunc(w.Exempt, in)
		case !more || strings.HasPrefix(frame.Function, "github.com/plimsoll/plimsoll/"):
			return site, false
		}
	}
}

// annotate appends a field to a line of text, or of JSON. The line stays as it is.
func annotate(line []byte, name, value string) []byte {
	text := bytes.TrimRight(line, "\n")
	if object, isJSON := bytes.CutSuffix(text, []byte("}")); isJSON && bytes.HasPrefix(text, []byte("{")) {
		return fmt.Appendf(nil, "%s,%q:%s}\n", object, name, value)
	}
	return fmt.Appendf(nil, "%s %s=%s\n", text, name, value)
}
