package parts

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Ensure returns the binaries of the named parts, building those that the cache does not hold. Processes
// that call it at the same time wait for one another. Progress goes to out, in lines; nothing is written where all parts are
// in the cache. Where PLIMSOLL_BUILD=no is in the environment nothing is built: a part that the cache does not hold is an error.
func Ensure(ctx context.Context, out io.Writer, names ...Part) (Binaries, error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	folder, err := findFolder(ctx)
	if err != nil {
		return nil, err
	}
	sources := make([]source, 0, len(names))
	for _, name := range names {
		s, err := loadSource(ctx, folder, name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return cache{dir: dir, out: out, build: build, readOnly: os.Getenv("PLIMSOLL_BUILD") == "no"}.ensure(ctx, sources)
}

func cacheDir() (string, error) {
	if dir := os.Getenv("PLIMSOLL_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a folder for the parts; set PLIMSOLL_CACHE to one: %w", err)
	}
	return filepath.Join(dir, "plimsoll"), nil
}

// cache is a folder of binaries, each in a folder named by its key.
type cache struct {
	dir string
	out io.Writer
	// build writes the binaries of a batch into a folder, each under the name of its part, and its progress to out.
	build func(ctx context.Context, b batch, dir string, out io.Writer) error
	// readOnly is true where nothing may be built.
	readOnly bool
}

func (c cache) ensure(ctx context.Context, sources []source) (Binaries, error) {
	binaries := Binaries{}
	var missing []source
	for _, s := range sources {
		binaries[s.Part] = c.path(s)
		if !c.holds(s) {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return binaries, nil
	}
	if c.readOnly {
		return nil, fmt.Errorf("%s is not in the cache %s, and PLIMSOLL_BUILD=no forbids to build it", batch(missing), c.dir)
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the cache of parts: %w", err)
	}
	// One lock for all parts: a build uses every core, so two at once only slow each other down.
	unlock, err := lock(ctx, filepath.Join(c.dir, "lock"), func() {
		fmt.Fprintf(c.out, "waiting for another process that builds parts in %s\n", c.dir)
	})
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Some may have been built by the process that held the lock before.
	for _, b := range batches(slices.DeleteFunc(missing, c.holds)) {
		if err := c.add(ctx, b); err != nil {
			return nil, err
		}
	}
	return binaries, nil
}

func (c cache) path(s source) string {
	return filepath.Join(c.dir, s.key(), string(s.Part))
}

func (c cache) holds(s source) bool {
	info, err := os.Stat(c.path(s))
	return err == nil && (info.Mode().IsRegular() || s.npm != "" && info.IsDir())
}

// add builds a batch next to its place in the cache and moves each binary there in one step, so that no process reads an incomplete file.
func (c cache) add(ctx context.Context, b batch) error {
	dir, err := os.MkdirTemp(c.dir, "unfinished-")
	if err != nil {
		return fmt.Errorf("make a folder in the cache of parts: %w", err)
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	fmt.Fprintf(c.out, "building %s from source, once\n", b)
	if err := c.build(ctx, b, dir, c.out); err != nil {
		return fmt.Errorf("build %s: %w", b, err)
	}
	for _, s := range b {
		if err := c.take(s, filepath.Join(dir, string(s.Part))); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.out, "built %s in %s\n", b, time.Since(start).Round(time.Second))
	return nil
}

func (c cache) take(s source, binary string) error {
	if err := os.MkdirAll(filepath.Dir(c.path(s)), 0o755); err != nil {
		return fmt.Errorf("make a place for %s in the cache: %w", s.Part, err)
	}
	if err := os.Rename(binary, c.path(s)); err != nil {
		return fmt.Errorf("move %s into the cache: %w", s.Part, err)
	}
	return nil
}
