package parts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packagePath is how the go command finds this folder from anywhere in the checkout. The nested modules cannot be
// embedded, because go:embed refuses files of another module.
const packagePath = "github.com/plimsoll/plimsoll/test/framework/parts"

// source is a part with everything that decides what its binary will be.
type source struct {
	Part
	recipe
	// dir is the absolute folder of the module to build in.
	dir string
	// version is that of the recipe's module, with the leading v.
	version string
	// goVersion and goarch are the toolchain's own words for itself.
	goVersion, goarch string
	// sum is the hash of the files of this repository, and of how the part is built.
	sum string
}

// key names the cache folder. Two builds with the same key give the same binary.
func (s source) key() string {
	return strings.Join([]string{string(s.Part), s.version, s.goVersion, s.goarch, s.sum[:12]}, "-")
}

// findFolder returns where this package's folder is, by the go command.
func findFolder(ctx context.Context) (string, error) {
	out, err := run(ctx, "", "list", "-f", "{{.Dir}}", packagePath)
	if err != nil {
		return "", fmt.Errorf("finding the folder of %s; run this inside the Plimsoll checkout: %w", packagePath, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// loadSource reads from the module below folder what there is to know about a part.
func loadSource(ctx context.Context, folder string, p Part) (source, error) {
	r, err := recipeOf(p)
	if err != nil {
		return source{}, err
	}
	if r.debian != "" {
		return loadPackage(ctx, p, r)
	}
	if r.npm != "" {
		return loadNPM(filepath.Join(folder, r.folder), p, r)
	}
	s := source{Part: p, recipe: r, dir: filepath.Join(folder, r.folder)}
	if s.version, err = requiredVersion(ctx, s.dir, r.module); err != nil {
		return source{}, err
	}
	if s.sum, err = hash(s.buildArgs(), s.files()...); err != nil {
		return source{}, fmt.Errorf("hashing the module of %s: %w", p, err)
	}
	// Run inside the module, because its go.mod may select another toolchain.
	out, err := run(ctx, s.dir, "env", "GOVERSION", "GOHOSTARCH")
	if err != nil {
		return source{}, fmt.Errorf("find the Go version: %w", err)
	}
	if _, err := fmt.Sscan(string(out), &s.goVersion, &s.goarch); err != nil {
		return source{}, fmt.Errorf("read the output %q of go env: %w", out, err)
	}
	return s, nil
}

// files are those of this repository that decide what the binary will be.
func (s source) files() []string {
	files := []string{filepath.Join(s.dir, "go.mod"), filepath.Join(s.dir, "go.sum")}
	if s.ownMain() {
		files = append(files, filepath.Join(s.dir, "main.go"))
	}
	return files
}

// requiredVersion reads a version out of a go.mod without the network.
func requiredVersion(ctx context.Context, dir, module string) (string, error) {
	out, err := run(ctx, dir, "mod", "edit", "-json")
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", filepath.Join(dir, "go.mod"), err)
	}
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &file); err != nil {
		return "", fmt.Errorf("reading %s: %w", filepath.Join(dir, "go.mod"), err)
	}
	for _, r := range file.Require {
		if r.Path == module {
			return r.Version, nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", filepath.Join(dir, "go.mod"), module)
}

// buildArgs are the arguments of the go command for this part alone, less where to put the binary.
func (s source) buildArgs() []string {
	return slices.Concat(s.command(), s.flags(), []string{"-ldflags", s.ldflags(s.version), s.main})
}

func (s source) command() []string {
	if s.test {
		return []string{"test", "-c"}
	}
	return []string{"build"}
}

// flags are those that decide how packages are compiled.
func (s source) flags() []string {
	flags := []string{"-mod=readonly", "-trimpath", "-buildvcs=false"}
	if s.tags != "" {
		flags = append(flags, "-tags", s.tags)
	}
	return flags
}

func (s source) String() string { return string(s.Part) + " " + strings.TrimPrefix(s.version, "v") }

func hash(args []string, names ...string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", args)
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%d\n%s", len(content), content)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
