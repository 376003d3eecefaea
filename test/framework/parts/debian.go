package parts

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// loadPackage returns what there is to know about a part that is a program in one of Debian's packages: its version is the one that apt would install.
func loadPackage(ctx context.Context, p Part, r recipe) (source, error) {
	out, err := tool(ctx, "", "apt-cache", "show", "--no-all-versions", r.debian)
	if err != nil {
		return source{}, fmt.Errorf("find Debian's package %s, run apt-get update: %w", r.debian, err)
	}
	s := source{Part: p, recipe: r, goVersion: "debian"}
	for line := range strings.Lines(out) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
		case "Version":
			s.version = value
		case "Architecture":
			s.goarch = value
		case "SHA256":
			s.sum = value
		}
	}
	if s.version == "" || s.goarch == "" || len(s.sum) != 64 {
		return source{}, fmt.Errorf("find the version of Debian's package %s in %q", r.debian, out)
	}
	return s, nil
}

// unpack fetches the package and writes the program into a folder, under the name of its part. The package is not installed, so the user need not be root.
func (s source) unpack(ctx context.Context, dir string) error {
	if _, err := tool(ctx, dir, "apt-get", "download", s.debian+"="+s.version); err != nil {
		return fmt.Errorf("fetch Debian's package %s, run apt-get update: %w", s.debian, err)
	}
	packages, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("find Debian's package %s in %s: %d are there: %w", s.debian, dir, len(packages), err)
	}
	root := filepath.Join(dir, "root")
	if _, err := tool(ctx, dir, "dpkg-deb", "--extract", packages[0], root); err != nil {
		return fmt.Errorf("unpack Debian's package %s: %w", s.debian, err)
	}
	program := filepath.Join(root, "usr", "bin", cmp.Or(s.program, string(s.Part)))
	if err := os.Rename(program, filepath.Join(dir, string(s.Part))); err != nil {
		return fmt.Errorf("find the program of Debian's package %s: %w", s.debian, err)
	}
	return nil
}

// tool runs a program of the system in a folder and returns its output. Its error has the last lines of stderr.
func tool(ctx context.Context, dir, name string, args ...string) (string, error) {
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, lastLines(complaints.String(), 10))
	}
	return out.String(), nil
}
