//go:build linux

package realnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Address is the node's. It is on the loopback device of the node's own network, since a Node may not have one of 127.0.0.0/8;
// the range is one of those for documentation.
const Address = "192.0.2.1"

// Node is a node that runs. It owns its processes, mounts, links and cgroups until Stop.
type Node struct {
	options Options
	client  kubernetes.Interface
	// kubeconfig is the path of the kubelet's own.
	kubeconfig string

	forward             *forward
	containerd, kubelet *process.Process
	// starts counts those of the kubelet: each has a log of its own.
	starts int
}

// Start brings a node up, with images in it, and returns when it is ready for pods. The context bounds the start alone. On an
// error nothing is left running.
func Start(ctx context.Context, o Options, images ...Image) (*Node, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	n := &Node{options: o}
	if err := n.start(ctx, images); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context, images []Image) (err error) {
	if err := os.MkdirAll(n.options.Dir, 0o755); err != nil {
		return fmt.Errorf("make the node's folder: %w", err)
	}
	if n.client, err = kubernetes.NewForConfig(n.options.Plane.AdminConfig()); err != nil {
		return fmt.Errorf("make a client of the cluster: %w", err)
	}
	if n.kubeconfig, err = n.options.Plane.KubeconfigFor("system:node:"+n.options.Name, "system:nodes"); err != nil {
		return err
	}
	if err := ip("address", "add", Address+"/32", "dev", "lo"); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{n.startForward, n.startContainerd} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, image := range images {
		if err := n.Import(ctx, image); err != nil {
			return err
		}
	}
	if err := makeCgroup(n.options.Cgroup); err != nil {
		return err
	}
	return n.StartKubelet(ctx, SelfSigned)
}

// Name is the Node's name.
func (n *Node) Name() string { return n.options.Name }

func (n *Node) path(name string) string { return filepath.Join(n.options.Dir, name) }

func (n *Node) progress(format string, args ...any) {
	fmt.Fprintf(n.options.Log, format+"\n", args...)
}
