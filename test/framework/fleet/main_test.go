package fleet

import (
	"context"
	"crypto/tls"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	testingclock "k8s.io/utils/clock/testing"
)

var update = flag.Bool("update", false, "write the golden files again")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when the tests' clocks begin.
var epoch = time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)

// newFleet makes a fleet that is not started, with a fake clock.
func newFleet(t testing.TB, options Options) (*Fleet, *testingclock.FakeClock) {
	t.Helper()
	clock := testingclock.NewFakeClock(epoch)
	options.Nodes = max(options.Nodes, 1)
	options.Clock = clock
	f, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, clock
}

// start serves a fleet until the test ends.
func start(t testing.TB, f *Fleet) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func addPod(t testing.TB, f *Fleet, node string, pod Pod) {
	t.Helper()
	if err := f.AddPod(node, pod); err != nil {
		t.Fatal(err)
	}
}

// httpClient trusts every certificate and keeps no connections.
func httpClient(t testing.TB) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// url is that of the node with the given index.
func url(f *Fleet, index int, path string) string {
	return "https://" + net.JoinHostPort(f.Address(index).String(), strconv.Itoa(f.Port())) + path
}

// plainURL is that of the read-only port of the node with the given index.
func plainURL(f *Fleet, index int, path string) string {
	return "http://" + net.JoinHostPort(f.Address(index).String(), strconv.Itoa(f.ReadOnlyPort())) + path
}

func get(t testing.TB, client *http.Client, url string) (status int, body string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	bytes, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(bytes)
}

// golden compares with a file under testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), run with -update to write it again:\n%s", path, diff)
	}
}
