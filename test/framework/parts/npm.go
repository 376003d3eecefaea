package parts

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// npmFiles are those of this repository that decide what a folder of npm packages will have.
func npmFiles(dir string) []string {
	return []string{filepath.Join(dir, "package.json"), filepath.Join(dir, "package-lock.json")}
}

// loadNPM returns what there is to know about a part that is a folder of npm packages: its version is the one that package.json names.
func loadNPM(dir string, p Part, r recipe) (source, error) {
	files := npmFiles(dir)
	text, err := os.ReadFile(files[0])
	if err != nil {
		return source{}, fmt.Errorf("read the packages of %s: %w", p, err)
	}
	var described struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &described); err != nil {
		return source{}, fmt.Errorf("read %s: %w", files[0], err)
	}
	s := source{Part: p, recipe: r, dir: dir, version: described.Dependencies[r.npm], goVersion: "npm", goarch: runtime.GOARCH}
	if s.version == "" {
		return source{}, fmt.Errorf("%s does not require %s", files[0], r.npm)
	}
	s.sum, err = hash(nil, files...)
	return s, err
}

// install has npm write the packages of the lock file into a folder, under the name of the part. No script of a package runs.
func (s source) install(ctx context.Context, dir string) error {
	into := filepath.Join(dir, string(s.Part))
	if err := os.Mkdir(into, 0o755); err != nil {
		return fmt.Errorf("make a folder for the packages: %w", err)
	}
	for _, name := range npmFiles(s.dir) {
		content, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the packages of %s: %w", s.Part, err)
		}
		if err := os.WriteFile(filepath.Join(into, filepath.Base(name)), content, 0o644); err != nil {
			return fmt.Errorf("write the packages of %s: %w", s.Part, err)
		}
	}
	if _, err := tool(ctx, into, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return fmt.Errorf("install the npm packages of %s; npm is in Debian's package of that name: %w", s.Part, err)
	}
	return nil
}
