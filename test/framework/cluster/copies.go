package cluster

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// place is the namespace, the name and the node of a pod of the population.
type place struct {
	namespace, name, workload string
	// node is the index of the node that the pod is bound to, pod that of the pod among all.
	node, pod int
}

// places are those of a population, node by node.
func (c *Cluster) places(perNode int) iter.Seq[place] {
	return func(yield func(place) bool) {
		for i, node := range c.Fleet.Nodes() {
			for j := range perNode {
				at := place{
					namespace: teamOf(team(i, j)), name: fmt.Sprintf("%s-%03d", node, j), node: i, pod: i*perNode + j,
				}
				at.workload = fmt.Sprintf("workload-%d", at.pod/(namespaces*WorkloadPods))
				if !yield(at) {
					return
				}
			}
		}
	}
}

// patterns creates the first pod of each namespace, in addition to so many pods that run, and returns them by namespace, as they run.
func (c *Cluster) patterns(ctx context.Context, running, perNode int) (map[string]*corev1.Pod, error) {
	patterns := map[string]*corev1.Pod{}
	nodes := c.Fleet.Nodes()
	for at := range c.places(perNode) {
		if len(patterns) == namespaces {
			break
		}
		if patterns[at.namespace] != nil {
			continue
		}
		pod, err := c.Client.CoreV1().Pods(at.namespace).Create(ctx, c.pod(at, nodes[at.node]), metav1.CreateOptions{})
		if err != nil {
			return nil, fmt.Errorf("create pod %s/%s: %w", at.namespace, at.name, err)
		}
		patterns[at.namespace] = pod
	}
	if err := c.WaitRunning(ctx, running+len(patterns)); err != nil {
		return nil, err
	}
	for namespace, pod := range patterns {
		running, err := c.Client.CoreV1().Pods(namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return nil, fmt.Errorf("get pod %s/%s as it runs: %w", namespace, pod.Name, err)
		}
		patterns[namespace] = running
	}
	return patterns, nil
}

func (c *Cluster) pod(at place, node string) *corev1.Pod {
	container := func(name string) corev1.Container {
		return corev1.Container{Name: name, Image: Image, Resources: c.options.Resources}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: at.namespace, Name: at.name, Annotations: c.options.Annotations,
			Labels: map[string]string{"app": "populated", LabelWorkload: at.workload},
		},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{container("app"), container("proxy")}},
	}
}

// copies are the pods of a population without those that the others are copies of.
func (c *Cluster) copies(patterns map[string]*corev1.Pod, perNode int) iter.Seq[*corev1.Pod] {
	return func(yield func(*corev1.Pod) bool) {
		nodes := c.Fleet.Nodes()
		for at := range c.places(perNode) {
			pattern := patterns[at.namespace]
			if pattern.Name != at.name && !yield(copyOf(pattern, at, nodes[at.node], c.Fleet.Address(at.node))) {
				return
			}
		}
	}
}

// The API server drops a watcher that is far behind, who then waits for up to half a minute. So no more than ahead pods are stored that
// the fleet has not seen, which has to see one of them within stall.
const (
	ahead = 50
	stall = 5 * time.Minute
)

// paced sends pods as fast as the fleet receives them, which runs some already.
func (c *Cluster) paced(ctx context.Context, running int, pods iter.Seq[*corev1.Pod]) iter.Seq2[*corev1.Pod, error] {
	return func(yield func(*corev1.Pod, error) bool) {
		for pod := range pods {
			if err := c.waitRunning(ctx, running-ahead, stall); err != nil {
				yield(nil, err)
				return
			}
			if !yield(pod, nil) {
				return
			}
			running++
		}
	}
}

// copyOf is a pod that differs from another in what the cluster would have made differ, but for its times.
func copyOf(pattern *corev1.Pod, at place, node string, address net.IP) *corev1.Pod {
	pod := pattern.DeepCopy()
	pod.Name, pod.UID = at.name, uuid.NewUUID()
	pod.Labels[LabelWorkload] = at.workload
	pod.Spec.NodeName = node
	renameVolumes(&pod.Spec)
	pod.Status.HostIP, pod.Status.HostIPs = address.String(), []corev1.HostIP{{IP: address.String()}}
	own := podAddress(at.pod).String()
	pod.Status.PodIP, pod.Status.PodIPs = own, []corev1.PodIP{{IP: own}}
	for i := range pod.Status.ContainerStatuses {
		id := &pod.Status.ContainerStatuses[i].ContainerID
		*id = strings.ReplaceAll(*id, string(pattern.UID), string(pod.UID))
	}
	return pod
}

// renameVolumes gives the volume of a pod's token a name of its own, as admission does. A pod here has no other.
func renameVolumes(spec *corev1.PodSpec) {
	name := "kube-api-access-" + rand.String(5)
	for i := range spec.Volumes {
		spec.Volumes[i].Name = name
	}
	for i := range spec.Containers {
		for j := range spec.Containers[i].VolumeMounts {
			spec.Containers[i].VolumeMounts[j].Name = name
		}
	}
}

// podAddress is one of 10.192.0.0/10, which kwok does not assign.
func podAddress(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 192 | byte(i>>16), byte(i >> 8), byte(i)})
}
