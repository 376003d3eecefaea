package fleet

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/util/retry"
)

// registering is how many nodes are registered at a time.
const registering = 20

// Register creates a Node for each node of the fleet, or brings the one that an earlier fleet of this name left up to
// date. KWOK manages the Nodes from then on; they begin as ready.
func (f *Fleet) Register(ctx context.Context, client kubernetes.Interface) error {
	return f.each(ctx, func(ctx context.Context, n *node) error {
		if err := f.register(ctx, client.CoreV1().Nodes(), n); err != nil {
			return fmt.Errorf("registering simulated node %s: %w", n.name, err)
		}
		return nil
	})
}

// Unregister deletes the Nodes of the fleet. One that is gone, or belongs to another owner, is left alone.
func (f *Fleet) Unregister(ctx context.Context, client kubernetes.Interface) error {
	nodes := client.CoreV1().Nodes()
	return f.each(ctx, func(ctx context.Context, n *node) error {
		object, err := nodes.Get(ctx, n.name, metav1.GetOptions{})
		if err == nil && object.Labels[LabelFleet] == f.options.Name {
			err = nodes.Delete(ctx, n.name, *metav1.NewPreconditionDeleteOptions(string(object.UID)))
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("removing simulated node %s: %w", n.name, err)
		}
		return nil
	})
}

func (f *Fleet) each(ctx context.Context, do func(context.Context, *node) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(registering)
	for _, n := range f.nodes {
		g.Go(func() error { return do(ctx, n) })
	}
	return g.Wait()
}

func (f *Fleet) register(ctx context.Context, nodes corev1client.NodeInterface, n *node) error {
	object := f.nodeObject(n)
	_, err := nodes.Create(ctx, object, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err // register's caller adds for whom.
	}
	// Controllers annotate and taint a new Node at once: what they wrote has to survive.
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		current, err := nodes.Get(ctx, n.name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if current.Labels[LabelFleet] != f.options.Name {
			return fmt.Errorf("the cluster has a node of that name that is not of fleet %q: give the fleet another NodePrefix", f.options.Name)
		}
		current.Status = object.Status
		_, err = nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		return err
	})
}
