package apiserver_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"
	"golang.org/x/sys/unix"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// TestClientsDoNotFillTheServersLog has anonymous clients break HTTP/2 in each way that the HTTP server logs.
func TestClientsDoNotFillTheServersLog(t *testing.T) {
	const times = 200
	tests := []struct {
		name string
		// attack provokes so many lines.
		attack func(t *testing.T, host string) error
	}{
		{"GOAWAY frames", func(t *testing.T, host string) error {
			h := dialHostileClient(t, host)
			for range times {
				if err := h.WriteGoAway(0, http2.ErrCodeInternal, nil); err != nil {
					return err
				}
			}
			_, err := io.Copy(io.Discard, h.conn) // The server ends the connection.
			return err
		}},
		{"streams that go backwards", func(t *testing.T, host string) error {
			for range times {
				h := dialHostileClient(t, host)
				h.next = 2 // Streams of a client are odd.
				if err := h.open(http.MethodGet, "/livez", false); err != nil {
					return err
				}
				for frame, err := h.ReadFrame(); ; frame, err = h.ReadFrame() {
					if err != nil {
						return errors.New("the server sent no GOAWAY")
					}
					if _, ends := frame.(*http2.GoAwayFrame); ends {
						break
					}
				}
				h.conn.Close()
			}
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := captureStderr(t)
			registry := metrics.NewKubeRegistry()
			config := guardedConfig()
			var err error
			if config.Extra.Metrics, err = apiserver.NewMetrics(registry.Register); err != nil {
				t.Fatal(err)
			}
			_, host := serve(t, config)
			if err := tt.attack(t, host); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(string(content), "http2:"); lines == 0 || lines > loglimit.PerMinute {
				t.Errorf("the log has %d lines, want 1 to %d", lines, loglimit.PerMinute)
			}
			counted, err := testutil.GetCounterValuesFromGatherer(registry, "plimsoll_requests_refused_total", nil, "reason")
			if diff := cmp.Diff(map[string]float64{"protocol_error": times}, counted); diff != "" || err != nil {
				t.Errorf("counted: %v %s", err, diff)
			}
		})
	}
}

// captureStderr redirects the process's standard error, to which the library's server logs, until the test ends, and returns the path of a file.
// It redirects the descriptor and not os.Stderr, which goroutines of an earlier server may still read.
func captureStderr(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "stderr")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	before, err := unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	redirect := func(to int) error { return unix.Dup3(to, int(os.Stderr.Fd()), 0) }
	if err := redirect(int(file.Fd())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(redirect(before), unix.Close(before)); err != nil {
			t.Error(err)
		}
	})
	return path
}
