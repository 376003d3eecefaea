//go:build linux

package realnode

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
)

// stopTimeout bounds how long pods may take to end.
const stopTimeout = time.Minute

// Stop takes the node down: pods, kubelet, what is left of containers, containerd, mounts, links, cgroups. The control plane
// must still run. A failure does not keep other objects from being taken down.
func (n *Node) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	if n.kubelet != nil {
		errs = append(errs, n.endPods(ctx))
	}
	errs = append(errs, n.StopKubelet())
	if n.containerd != nil {
		errs = append(errs, n.endTasks(), n.containerd.Stop(kubeletGrace))
		n.containerd = nil
	}
	if n.forward != nil {
		errs = append(errs, n.forward.close())
		n.forward = nil
	}
	return errors.Join(append(errs, n.unmount(), removeLinks(), RemoveCgroup(n.options.Cgroup))...)
}

// endPods has the kubelet end every pod. The node is closed before, so that controllers replace none of them here.
func (n *Node) endPods(ctx context.Context) error {
	patch := []byte(`{"spec":{"unschedulable":true}}`)
	_, err := n.client.CoreV1().Nodes().Patch(ctx, n.options.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("close the node for pods: %w", err)
	}
	here := metav1.ListOptions{FieldSelector: "spec.nodeName=" + n.options.Name}
	var left []corev1.Pod
	err = wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		list, err := n.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, here)
		if err != nil {
			return false, err
		}
		left = list.Items
		return len(left) == 0, n.deletePods(ctx, left)
	})
	if err != nil {
		return fmt.Errorf("end %d pods of the node: %w", len(left), err)
	}
	return nil
}

// deletePods deletes the pods that are not being deleted yet.
func (n *Node) deletePods(ctx context.Context, pods []corev1.Pod) error {
	grace := int64(1)
	for _, p := range pods {
		if p.DeletionTimestamp != nil && p.DeletionGracePeriodSeconds != nil && *p.DeletionGracePeriodSeconds <= grace {
			continue
		}
		err := n.client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{GracePeriodSeconds: &grace})
		if err != nil {
			return fmt.Errorf("delete pod %s/%s: %w", p.Namespace, p.Name, err)
		}
	}
	return nil
}

// endTasks ends the containers that the kubelet has left. Their shims, which outlive containerd, end with them.
func (n *Node) endTasks() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	out, err := n.Ctr(ctx, "tasks", "list", "--quiet")
	if err != nil {
		return err
	}
	var errs []error
	for id := range strings.FieldsSeq(out) {
		_, err := n.Ctr(ctx, "tasks", "delete", "--force", id)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// unmount removes the mounts in the node's folder and those of the pods' networks, the last first.
func (n *Node) unmount() error {
	all, err := mounts()
	if err != nil {
		return err
	}
	var errs []error
	for _, point := range slices.Backward(all) {
		if !strings.HasPrefix(point, n.options.Dir+"/") && !strings.HasPrefix(point, "/run/netns") {
			continue
		}
		if err := syscall.Unmount(point, syscall.MNT_DETACH); err != nil {
			errs = append(errs, fmt.Errorf("unmount %s: %w", point, err))
		}
	}
	if err := os.RemoveAll("/run/netns"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, fmt.Errorf("remove the pods' network namespaces: %w", err))
	}
	return errors.Join(errs...)
}

// removeLinks removes the bridge, with the links that are left on it, and the node's address.
func removeLinks() error {
	var errs []error
	if _, err := net.InterfaceByName(bridge); err == nil {
		errs = append(errs, ip("link", "delete", bridge))
	}
	errs = append(errs, ip("address", "flush", "dev", "lo", "to", Address))
	return errors.Join(errs...)
}
