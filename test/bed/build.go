package bed

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

const serverProgram = "github.com/plimsoll/plimsoll/cmd/plimsoll"

// build builds Plimsoll, the first time that it is called, and returns the path of the binary.
func (b *Bed) build(ctx context.Context) (string, error) {
	b.building.Lock()
	defer b.building.Unlock()
	if b.binary != "" {
		return b.binary, nil
	}
	path := filepath.Join(b.options.Dir, "plimsoll")
	fmt.Fprintln(b.options.Log, "building plimsoll")
	// The version is stamped as in an image: libraries take it for their own.
	stamp := "-X k8s.io/component-base/version.gitVersion=v0.0.0-bed"
	if out, err := exec.CommandContext(ctx, "go", "build", "-ldflags", stamp, "-o", path, serverProgram).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build plimsoll: %w\n%s", err, out)
	}
	b.binary = path
	return path, nil
}
