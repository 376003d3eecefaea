package parts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testSource(part Part, version string) source {
	return source{Part: part, version: version, goVersion: "go1.26.8", goarch: "amd64",
		sum: "0123456789abcdef"}
}

// fake builds by writing the versions, and remembers what it built.
type fake struct {
	mu    sync.Mutex
	built []string
	err   error
}

func (f *fake) build(_ context.Context, b batch, dir string, _ io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.built = append(f.built, b.String())
	err := f.err
	for _, s := range b {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, string(s.Part)), []byte(s.version), 0o755))
	}
	return err
}

func TestEnsureBuildsWhatIsMissing(t *testing.T) {
	f, dir := &fake{}, filepath.Join(t.TempDir(), "not", "there", "yet")
	var out bytes.Buffer
	c := cache{dir: dir, out: &out, build: f.build}
	steps := []struct {
		name    string
		sources []source
		built   []string
		out     string
	}{
		{"two", []source{testSource("one", "v1.0.0"), testSource("two", "v2.0.0")}, []string{"one 1.0.0, two 2.0.0"},
			"building one 1.0.0, two 2.0.0 from source, once\nbuilt one 1.0.0, two 2.0.0 in 0s\n"},
		{"one of them again", []source{testSource("two", "v2.0.0")}, nil, ""},
		{"a new version", []source{testSource("one", "v1.0.1"), testSource("two", "v2.0.0")}, []string{"one 1.0.1"},
			"building one 1.0.1 from source, once\nbuilt one 1.0.1 in 0s\n"},
	}
	for _, step := range steps {
		f.built = nil
		out.Reset()
		binaries, err := c.ensure(t.Context(), step.sources)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.built, f.built); diff != "" {
			t.Errorf("%s: built (-want +got):\n%s", step.name, diff)
		}
		if diff := cmp.Diff(step.out, out.String()); diff != "" {
			t.Errorf("%s: progress (-want +got):\n%s", step.name, diff)
		}
		for _, s := range step.sources {
			if content, err := os.ReadFile(binaries[s.Part]); err != nil || string(content) != s.version {
				t.Errorf("%s: binary of %s: %q, %v", step.name, s.Part, content, err)
			}
		}
	}
}

func TestEnsureBuildsNothingWhereThatIsForbidden(t *testing.T) {
	f, dir := &fake{}, t.TempDir()
	one, two := testSource("one", "v1.0.0"), testSource("two", "v2.0.0")
	if _, err := (cache{dir: dir, out: io.Discard, build: f.build}).ensure(t.Context(), []source{one}); err != nil {
		t.Fatal(err)
	}
	f.built = nil
	readOnly := cache{dir: dir, out: io.Discard, build: f.build, readOnly: true}
	if binaries, err := readOnly.ensure(t.Context(), []source{one}); err != nil || binaries["one"] == "" {
		t.Errorf("what is in the cache: %v, %v", binaries, err)
	}
	_, err := readOnly.ensure(t.Context(), []source{one, two})
	if err == nil || !strings.Contains(err.Error(), "two 2.0.0 is not in the cache") || len(f.built) > 0 {
		t.Errorf("what is not in the cache: %v was built, %v", f.built, err)
	}
}

func TestEnsureKeepsNothingOfAFailedBuild(t *testing.T) {
	f, s := &fake{err: errors.New("no compiler")}, testSource("one", "v1.0.0")
	c := cache{dir: t.TempDir(), out: io.Discard, build: f.build}
	_, err := c.ensure(t.Context(), []source{s})
	if !errors.Is(err, f.err) || !strings.Contains(err.Error(), "build one 1.0.0") {
		t.Errorf("error: %v", err)
	}
	for _, pattern := range []string{filepath.Join(s.key(), "*"), "unfinished-*"} {
		if left, _ := filepath.Glob(filepath.Join(c.dir, pattern)); left != nil {
			t.Errorf("left: %v", left)
		}
	}
	f.err = nil
	if _, err := c.ensure(t.Context(), []source{s}); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

// Each cache opens the lock file by itself, as another process would.
func TestEnsureBuildsOnceForAll(t *testing.T) {
	dir, s := t.TempDir(), testSource("one", "v1.0.0")
	var running, built atomic.Int32
	build := func(_ context.Context, _ batch, dir string, _ io.Writer) error {
		if running.Add(1) > 1 {
			t.Error("two builds at once")
		}
		defer running.Add(-1)
		built.Add(1)
		time.Sleep(50 * time.Millisecond) // Long enough for the others to come.
		return os.WriteFile(filepath.Join(dir, "one"), nil, 0o755)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := (cache{dir: dir, out: io.Discard, build: build}).ensure(t.Context(), []source{s}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if built.Load() != 1 {
		t.Errorf("built %d times", built.Load())
	}
}

func TestLockIsGivenUpWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	_, err = lock(ctx, path, cancel) // Cancelled as soon as it has to wait.
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
		t.Errorf("error: %v", err)
	}
}

func TestProgressStaysAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		start := time.Now()
		stop := repeat(&out, func() string { return time.Since(start).String() })
		time.Sleep(31 * time.Second)
		stop()
		if diff := cmp.Diff("15s\n30s\n", out.String()); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
	})
}
