package options_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	genericfilters "k8s.io/apiserver/pkg/server/filters"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

func TestLogs(t *testing.T) {
	o := parse(t, "--logging-format=json", "-v=7")
	defer apply(t, o)()
	if !klog.V(7).Enabled() || klog.V(8).Enabled() {
		t.Errorf("verbosity 7 is %v, 8 is %v", klog.V(7).Enabled(), klog.V(8).Enabled())
	}
	if sink := fmt.Sprintf("%T", klog.Background().GetSink()); !strings.Contains(sink, "zapr") {
		t.Errorf("json logs go to a %s", sink)
	}
}

// TestClientsDoNotFillTheLog has clients reset requests, which the API library logs, while Plimsoll itself logs.
func TestClientsDoNotFillTheLog(t *testing.T) {
	const times = 100
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stderr")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			stderr := os.Stderr
			os.Stderr = file
			undo := apply(t, parse(t, "--logging-format="+format))
			os.Stderr = stderr // The logger has the file.
			defer undo()
			for range times {
				klog.Background().Info("Own line")
				resetRequest(t)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if own := strings.Count(string(content), "Own line"); own != times {
				t.Errorf("the log has %d of %d own lines", own, times)
			}
			if lines := strings.Count(string(content), "Timeout or abort"); lines != loglimit.PerMinute {
				t.Errorf("the log has %d lines of the library, want %d", lines, loglimit.PerMinute)
			}
		})
	}
}

// resetRequest has the API library serve a request whose client is gone when a part of the response was written.
func resetRequest(t *testing.T) {
	t.Helper()
	ctx, reset := context.WithCancel(t.Context())
	resolver := &apirequest.RequestInfoFactory{APIPrefixes: sets.NewString("apis")}
	h := genericfilters.WithPanicRecovery(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		reset()
		panic(http.ErrAbortHandler)
	}), resolver)
	defer func() { _ = recover() }() // The library has logged, and passes the panic on to the HTTP server.
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/apis", nil))
}

func TestLogsWithMistakesAreLeftAlone(t *testing.T) {
	o := parse(t, "--logging-format=xml", "-v=7")
	defer apply(t, o)()
	if klog.V(7).Enabled() {
		t.Error("applied in spite of the error")
	}
}

// A gate of the process itself that is not known would be remembered for ever: TestMistakes of the command has one.
func TestApplyToProcessNamesTheFlags(t *testing.T) {
	for _, arg := range []string{"--feature-gates=other:Nothing=true", "--emulated-version=other=1.36", "--min-compatibility-version=x"} {
		t.Run(arg, func(t *testing.T) {
			flag, _, _ := strings.Cut(arg, "=")
			if err := parse(t, arg).ApplyToProcess(); err == nil || !strings.Contains(err.Error(), flag) {
				t.Errorf("error %v does not name %s", err, flag)
			}
		})
	}
}
