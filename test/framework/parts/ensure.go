package parts

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Ensure returns the binaries of the named parts, building those that the cache does not hold, one at a time. Processes
// that ask at the same time wait for one another. Progress goes to out, in lines; nothing is written where all parts are
// in the cache.
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
	return cache{dir: dir, out: out, build: build}.ensure(ctx, sources)
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
	// build writes the binary of a source to a path, and leaves nothing else behind.
	build func(ctx context.Context, s source, path string) error
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
	for _, s := range missing {
		if c.holds(s) {
			continue // Built by the process that held the lock before.
		}
		if err := c.add(ctx, s); err != nil {
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
	return err == nil && info.Mode().IsRegular()
}

// add builds one part beside its place in the cache and moves it there in one step, so that nobody sees half a file.
func (c cache) add(ctx context.Context, s source) error {
	path := c.path(s)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making room for %s in the cache: %w", s.Part, err)
	}
	unfinished := path + ".unfinished"
	defer os.Remove(unfinished)
	done := announce(c.out, s)
	err := c.build(ctx, s, unfinished)
	done(err)
	if err != nil {
		return fmt.Errorf("building %s %s: %w", s.Part, s.version, err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("moving %s into the cache: %w", s.Part, err)
	}
	return nil
}

// build is the real builder: the go command in the part's module.
func build(ctx context.Context, s source, path string) error {
	args := slices.Insert(s.buildArgs(), 1, "-o", path)
	_, err := run(ctx, s.dir, args...)
	return err
}
