package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
)

// Run runs kubectl as the administrator and returns its output. An error has the text of stderr.
func (c *Cluster) Run(ctx context.Context, stdin string, args ...string) (string, error) {
	return Kubectl(ctx, c.ControlPlane, c.options.Dir, stdin, args...)
}

// Kubectl runs kubectl as the administrator of a control plane and returns its output. It keeps its cache in dir.
func Kubectl(ctx context.Context, plane *controlplane.ControlPlane, dir, stdin string, args ...string) (string, error) {
	all := append([]string{"--kubeconfig=" + plane.AdminKubeconfig(), "--cache-dir=" + filepath.Join(dir, "kubectl-cache")}, args...)
	cmd := exec.CommandContext(ctx, plane.Kubectl(), all...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}

// Base is the folder of the manifests that a user applies.
func (c *Cluster) Base(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-find", "-f", "{{.Dir}}", base).Output()
	if err != nil {
		return "", fmt.Errorf("find the folder of the manifests: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "base"), nil
}
