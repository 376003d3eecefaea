package sinks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/engines"
)

// recorder stands before an InfluxDB, and notes the points of each request that the database has confirmed, in the order of the confirmations. While the
// database does not run, its connections are cut off.
type recorder struct {
	*httptest.Server

	mu sync.Mutex
	// times are those of each series, in nanoseconds.
	times map[string][]int64
	// points counts them, and again those that came once more; late are those that came after a later one of their series.
	points, again, late int
	err                 error
}

func newRecorder(t *testing.T, database *engines.Engine) *recorder {
	t.Helper()
	to, err := url.Parse(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	r := &recorder{times: map[string][]int64{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body) // What is not complete is not confirmed.
		request.Body = io.NopCloser(bytes.NewReader(body))
		answer := &statusWriter{ResponseWriter: w}
		proxy.ServeHTTP(answer, request)
		if request.URL.Path == "/write" && answer.status == http.StatusNoContent {
			r.note(body)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// note reads the lines of a compressed body.
func (r *recorder) note(body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		r.err = err
		return
	}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if err := r.noteLine(lines.Text()); err != nil {
			r.err = err
		}
	}
}

func (r *recorder) noteLine(line string) error {
	last := strings.LastIndexByte(line, ' ')
	at, err := strconv.ParseInt(line[last+1:], 10, 64)
	if err != nil {
		return fmt.Errorf("line %q: %w", line, err)
	}
	// A value has no space in it.
	series := line[:strings.LastIndexByte(line[:last], ' ')]
	r.points++
	if before := r.times[series]; len(before) > 0 {
		switch newest := before[len(before)-1]; {
		case at == newest:
			r.again++
		case at < newest:
			r.late++
		}
	}
	r.times[series] = append(r.times[series], at)
	return nil
}

// counts returns what was noted until now.
func (r *recorder) counts() (points, again, late int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.points, r.again, r.late, r.err
}

// longest is the longest time between two points of a series that begins with a prefix, in seconds, and how many of them there are.
func (r *recorder) longest(prefix string) (seconds float64, series int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, times := range r.times {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		series++
		for i := 1; i < len(times); i++ {
			seconds = max(seconds, float64(times[i]-times[i-1])/1e9)
		}
	}
	return seconds, series
}
