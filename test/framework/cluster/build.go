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
func (c *Cluster) build(ctx context.Context) (string, error) {
	c.building.Lock()
	defer c.building.Unlock()
	if c.binary != "" {
		return c.binary, nil
	}
	path := filepath.Join(c.options.Dir, "plimsoll")
	fmt.Fprintln(c.options.Log, "building plimsoll")
	// The flags are those of hack/build.sh. The version is stamped as in an image: libraries report it as their own.
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "grpcnotrace",
		"-ldflags", "-X k8s.io/component-base/version.gitVersion=v0.0.0-test", "-o", path, serverProgram)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build plimsoll: %w\n%s", err, out)
	}
	c.binary = path
	return path, nil
}
