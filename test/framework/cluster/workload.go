package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// LabelWorkload is the label that the pods of one workload share, workload-0 and on. A workload has WorkloadPods pods in each
// namespace, on neighbouring nodes; the last may have fewer.
const (
	LabelWorkload = "workload"
	WorkloadPods  = 30
)

// namespaces is how many namespaces the pods are spread over.
const namespaces = 10

// Image is the image of the pods of a workload. It is never pulled.
const Image = "example.invalid/app:1"

// Populate fills the namespaces team-0 to team-9 with pods of two containers, so many on every node, and waits until they run. Of each
// namespace the first is created as a user does; the others are copies of it that are stored past the API server, as 150,000 creations
// would take the better part of an hour. All are bound to their nodes at once.
func (c *Cluster) Populate(ctx context.Context, perNode int) error {
	for i := range namespaces {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: teamOf(i)}}
		if _, err := c.Client.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create namespace %s: %w", ns.Name, err)
		}
		if err := c.waitAccount(ctx, ns.Name); err != nil {
			return err
		}
	}
	running := c.Fleet.Running()
	patterns, err := c.patterns(ctx, running, perNode)
	if err != nil {
		return err
	}
	if err := c.StorePods(ctx, c.paced(ctx, running+len(patterns), c.copies(patterns, perNode))); err != nil {
		return err
	}
	return c.WaitRunning(ctx, running+perNode*len(c.Fleet.Nodes()))
}

// Team is a namespace that [Cluster.Populate] fills, and how many pods it has then.
type Team struct {
	Namespace string
	Pods      int
}

// Teams are the namespaces that Populate fills with so many pods on every node.
func (c *Cluster) Teams(perNode int) []Team {
	teams := make([]Team, namespaces)
	for i := range teams {
		teams[i].Namespace = teamOf(i)
	}
	for i := range c.Fleet.Nodes() {
		for j := range perNode {
			teams[team(i, j)].Pods++
		}
	}
	return teams
}

// team is the number of the namespace of the pod j of node i.
func team(i, j int) int { return (i + j) % namespaces }

func teamOf(i int) string { return fmt.Sprintf("team-%d", i) }

// waitAccount waits for the account that admission gives to every pod.
func (c *Cluster) waitAccount(ctx context.Context, namespace string) error {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		_, err := c.Client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the service account of namespace %s: %w", namespace, err)
	}
	return nil
}

// WaitRunning waits until at least so many pods run that the fleet serves.
func (c *Cluster) WaitRunning(ctx context.Context, pods int) error {
	const each = 10 * time.Millisecond // Several times what was seen of 30,000 that were created one by one.
	return c.waitRunning(ctx, pods, 5*time.Minute+time.Duration(pods)*each)
}

func (c *Cluster) waitRunning(ctx context.Context, pods int, within time.Duration) error {
	served := c.Fleet.Running()
	if served >= pods {
		return nil
	}
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, within, false, func(context.Context) (bool, error) {
		served = c.Fleet.Running()
		return served >= pods, nil
	})
	if err != nil {
		return fmt.Errorf("wait for %d pods to run, %d do: %w", pods, served, err)
	}
	return nil
}
