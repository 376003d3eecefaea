//go:build linux

package realnode

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// UsualSocket is where containerd listens on the nodes of most clusters, and the only place where the kubelet's cAdvisor
// searches it. On any other socket the kubelet gets the readings of containers from the runtime, at the time of a request.
const UsualSocket = "/run/containerd/containerd.sock"

// Options of a node.
type Options struct {
	// Dir is the folder of all files: logs, keys, images, containers. The caller removes it after Stop.
	Dir string
	// Cgroup is the path of the cgroup, below the root of each hierarchy, that holds every pod; "/plimsoll" by default. The
	// node makes it and removes it.
	Cgroup string
	// Name is the Node's; "node-1" by default.
	Name string
	// Plane is the control plane to join. It should run with APIServerArgs.
	Plane *controlplane.ControlPlane
	// Binaries are those of parts.Node.
	Binaries parts.Binaries
	// Socket is where containerd listens: UsualSocket, or any other path. By default it is one inside Dir.
	Socket string
	// Log receives a line for each step; nil discards them.
	Log io.Writer
}

func (o Options) complete() (Options, error) {
	var errs []error
	for _, part := range parts.Node() {
		if o.Binaries[part] == "" {
			errs = append(errs, fmt.Errorf("the binary of %s is missing; build it with package parts", part))
		}
	}
	if o.Plane == nil {
		errs = append(errs, errors.New("a node needs a control plane to join, and none was given"))
	}
	if !filepath.IsAbs(o.Dir) {
		errs = append(errs, fmt.Errorf("a node needs a folder of its own with an absolute path, not %q", o.Dir))
	}
	if !Inside() {
		errs = append(errs, errors.New("a node would change this machine's mounts and links: start it in a program that RunIsolated runs"))
	}
	o.Name = cmp.Or(o.Name, "node-1")
	o.Cgroup = cmp.Or(o.Cgroup, "/plimsoll")
	o.Socket = cmp.Or(o.Socket, filepath.Join(o.Dir, "containerd.sock"))
	if o.Log == nil {
		o.Log = io.Discard
	}
	return o, errors.Join(append(errs, Check())...)
}

// APIServerArgs are what kube-apiserver needs to reach a server that runs in a pod without kube-proxy: it goes to the pod's
// own address instead of the Service's.
func APIServerArgs() []string { return slices.Clone(apiServerArgs) }

var apiServerArgs = []string{"--enable-aggregator-routing=true", "--kubelet-preferred-address-types=InternalIP"}
