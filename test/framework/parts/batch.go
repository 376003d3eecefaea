package parts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// batch is the work of one go command: programs of one module with the same flags of the compiler, so that the packages that they share are compiled
// once, and the processors are busy until the last of them is linked.
type batch []source

// batches divides sources, in the order of the first of each batch. A test binary is a batch of its own.
func batches(sources []source) []batch {
	var all []batch
	for _, s := range sources {
		i := slices.IndexFunc(all, func(b batch) bool { return b[0].joins(s) })
		if i < 0 {
			all = append(all, batch{s})
			continue
		}
		all[i] = append(all[i], s)
	}
	return all
}

func (s source) joins(other source) bool {
	return s.dir == other.dir && s.debian == other.debian && !s.test && !other.test && slices.Equal(s.flags(), other.flags())
}

// String names the programs.
func (b batch) String() string {
	names := make([]string, len(b))
	for i, s := range b {
		names[i] = s.String()
	}
	return strings.Join(names, ", ")
}

// build has the go command write the binaries into a folder, each under the name of its part.
func build(ctx context.Context, b batch, dir string, out io.Writer) error {
	if b[0].debian != "" {
		return b[0].unpack(ctx, dir)
	}
	if b[0].npm != "" {
		return b[0].install(ctx, dir)
	}
	e, err := b.estimate(ctx, out)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, e)
	stop := repeat(out, e.String)
	defer stop()
	var complaints bytes.Buffer
	e.others = &complaints
	if err := goCommand(ctx, b[0].dir, io.Discard, e, b.args(dir)...); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(complaints.String(), 10))
	}
	for _, s := range b {
		if err := os.Rename(filepath.Join(dir, s.binary()), filepath.Join(dir, string(s.Part))); err != nil {
			return fmt.Errorf("find the binary of %s: %w", s.Part, err)
		}
	}
	return nil
}

// args are the arguments of the go command that writes all binaries into a folder.
func (b batch) args(dir string) []string {
	args := slices.Concat(b[0].command(), b[0].flags(), []string{"-v", "-o", dir + string(filepath.Separator)})
	for _, s := range b {
		flags := s.ldflags(s.version)
		if len(b) > 1 {
			flags = s.main + "=" + flags
		}
		args = append(args, "-ldflags="+flags)
	}
	for _, s := range b {
		args = append(args, s.main)
	}
	return args
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// binary is the name that the go command gives to the program.
func (s source) binary() string {
	name := path.Base(s.main)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(s.main))
	}
	if s.test {
		name += ".test"
	}
	return name
}
