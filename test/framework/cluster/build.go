package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const serverProgram = "github.com/plimsoll/plimsoll/cmd/plimsoll"

// build builds Plimsoll, the first time that it is called, and returns the path of the binary.
func (b *Cluster) build(ctx context.Context) (string, error) {
	b.building.Lock()
	defer b.building.Unlock()
	if b.binary != "" {
		return b.binary, nil
	}
	path := filepath.Join(b.options.Dir, "plimsoll")
	if err := b.buildWith(ctx, path, buildTag); err != nil {
		return "", err
	}
	b.binary = path
	return path, nil
}

// buildTag is the one of hack/build.sh.
const buildTag = "grpcnotrace"

// buildWith builds Plimsoll as hack/build.sh does, with build tags, which a comma separates. The version is stamped as in an image: libraries take
// it for their own.
func (b *Cluster) buildWith(ctx context.Context, path, tags string) error {
	fmt.Fprintln(b.options.Log, "building", filepath.Base(path))
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", tags,
		"-ldflags", "-X k8s.io/component-base/version.gitVersion=v0.0.0-test", "-o", path, serverProgram)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", filepath.Base(path), err, out)
	}
	return nil
}
