//go:build linux

package realnode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// PauseImage is the image of the container that holds a pod's namespaces. It has to be imported before the first pod.
const PauseImage = "registry.k8s.io/pause:3.10"

// criNamespace is where containerd keeps the kubelet's objects.
const criNamespace = "k8s.io"

// containerdConfig is in containerd's configuration format, version 3. The native snapshotter copies files and needs nothing
// of the kernel; the restricted score lets a container start where raising the priority of processes is not allowed.
const containerdConfig = `version = 3
root = %[1]q
state = %[2]q
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.image-verifier.v1.bindir"]

[grpc]
address = %[3]q

[plugins.'io.containerd.internal.v1.opt']
path = %[4]q

[plugins.'io.containerd.cri.v1.images']
snapshotter = "native"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = %[5]q

[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true
enable_selinux = false

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = %[6]q

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = %[7]q
SystemdCgroup = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [%[8]q]
conf_dir = %[9]q
`

// cniConfig puts pods on a bridge, whose own address is their way out. Nothing translates addresses: all that they talk to is
// on this machine.
const cniConfig = `{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [{
    "type": "bridge",
    "bridge": %q,
    "isGateway": true,
    "ipam": {
      "type": "host-local",
      "dataDir": %q,
      "ranges": [[{"subnet": %q}]],
      "routes": [{"dst": "0.0.0.0/0"}]
    }
  }]
}
`

const (
	bridge    = "plimsoll0"
	podSubnet = "10.88.0.0/16"
)

func (n *Node) startContainerd(ctx context.Context) error {
	if err := refuseUsed(n.options.Socket); err != nil {
		return err
	}
	config, err := n.writeContainerdConfig()
	if err != nil {
		return err
	}
	n.containerd, err = process.Start(process.Options{
		Name: string(parts.Containerd), Dir: n.options.Dir, Binary: n.options.Binaries[parts.Containerd], Args: []string{"--config", config},
	})
	if err != nil {
		return err
	}
	return n.containerd.WaitReady(ctx, func(ctx context.Context) error {
		_, err := n.Ctr(ctx, "version")
		return err
	})
}

// refuseUsed is an error where the runtime at the socket belongs to the machine.
func refuseUsed(socket string) error {
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return nil //nolint:nilerr // No response is the wanted result.
	}
	return errors.Join(c.Close(), fmt.Errorf("a container runtime listens on %s already: stop it, or choose another socket", socket))
}

func (n *Node) writeContainerdConfig() (path string, err error) {
	runc, err := exec.LookPath("runc")
	if err != nil {
		return "", fmt.Errorf("find runc: %w", err)
	}
	cni := n.path("cni")
	content := fmt.Sprintf(containerdConfig, n.path("containerd"), n.path("containerd-state"), n.options.Socket, n.path("opt"),
		PauseImage, n.options.Binaries[parts.ContainerdShim], runc, cniFolder, cni)
	for _, dir := range []string{cni, filepath.Dir(n.options.Socket)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", fmt.Errorf("make a folder for containerd: %w", err)
		}
	}
	network := fmt.Sprintf(cniConfig, bridge, n.path("cni-addresses"), podSubnet)
	if err := os.WriteFile(filepath.Join(cni, "10-pods.conflist"), []byte(network), 0o600); err != nil {
		return "", fmt.Errorf("write the configuration of the pods' network: %w", err)
	}
	path = n.path("containerd.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return "", fmt.Errorf("write containerd's configuration: %w", err)
	}
	return path, nil
}

// Ctr runs containerd's own command on what the kubelet runs, and returns what it prints.
func (n *Node) Ctr(ctx context.Context, args ...string) (string, error) {
	all := append([]string{"--address", n.options.Socket, "--namespace", criNamespace}, args...)
	cmd := exec.CommandContext(ctx, n.options.Binaries[parts.Ctr], all...)
	// Warnings go to the other stream.
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ctr %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return string(out), nil
}
