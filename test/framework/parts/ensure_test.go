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
		sum: "0123456789abcdef", recipe: recipe{minutes: 3}}
}

// fake builds by writing the version, and remembers what it built.
type fake struct {
	mu    sync.Mutex
	built []string
	err   error
}

func (f *fake) build(_ context.Context, s source, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.built = append(f.built, string(s.Part)+" "+s.version)
	return errors.Join(os.WriteFile(path, []byte(s.version), 0o755), f.err)
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
		{"two", []source{testSource("one", "v1.0.0"), testSource("two", "v2.0.0")}, []string{"one v1.0.0", "two v2.0.0"},
			"building one 1.0.0 from source, about 3 minutes the first time\nbuilt one 1.0.0 in 0s\n" +
				"building two 2.0.0 from source, about 3 minutes the first time\nbuilt two 2.0.0 in 0s\n"},
		{"one of them again", []source{testSource("two", "v2.0.0")}, nil, ""},
		{"a new version", []source{testSource("one", "v1.0.1")}, []string{"one v1.0.1"},
			"building one 1.0.1 from source, about 3 minutes the first time\nbuilt one 1.0.1 in 0s\n"},
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

func TestEnsureKeepsNothingOfAFailedBuild(t *testing.T) {
	f, s := &fake{err: errors.New("no compiler")}, testSource("one", "v1.0.0")
	c := cache{dir: t.TempDir(), out: io.Discard, build: f.build}
	_, err := c.ensure(t.Context(), []source{s})
	if !errors.Is(err, f.err) || !strings.Contains(err.Error(), "building one v1.0.0") {
		t.Errorf("error: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, s.key(), "*")); left != nil {
		t.Errorf("left: %v", left)
	}
	f.err = nil
	if _, err := c.ensure(t.Context(), []source{s}); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

// Each cache opens the lock file anew, as another process would.
func TestEnsureBuildsOnceForAll(t *testing.T) {
	dir, s := t.TempDir(), testSource("one", "v1.0.0")
	var running, built atomic.Int32
	build := func(_ context.Context, _ source, path string) error {
		if running.Add(1) > 1 {
			t.Error("two builds at once")
		}
		defer running.Add(-1)
		built.Add(1)
		time.Sleep(50 * time.Millisecond) // Long enough for the others to come.
		return os.WriteFile(path, nil, 0o755)
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

func TestAnnounceStaysAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		done := announce(&out, testSource("one", "v1.0.0"))
		time.Sleep(31 * time.Second)
		done(nil)
		want := "building one 1.0.0 from source, about 3 minutes the first time\n" +
			"building one 1.0.0, 15s so far\nbuilding one 1.0.0, 30s so far\nbuilt one 1.0.0 in 31s\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
	})
}
