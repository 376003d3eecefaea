package controlplane

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// waitUsable waits for what the programs make after they call themselves ready: the ConfigMap that aggregated servers
// read their authentication from, and the service account without which admission refuses every pod.
func (c *ControlPlane) waitUsable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.StartTimeout)
	defer cancel()
	client, err := kubernetes.NewForConfig(c.admin)
	if err != nil {
		return fmt.Errorf("making a client of the cluster: %w", err)
	}
	err = waitFor(ctx, func(ctx context.Context) error {
		_, err := client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "extension-apiserver-authentication", metav1.GetOptions{})
		return err
	})
	if err != nil || !c.options.ControllerManager {
		return err
	}
	return waitFor(ctx, func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// waitFor repeats a step until it succeeds; its error is the step's last one.
func waitFor(ctx context.Context, step func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		last = step(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the control plane to be usable: %w, last: %w", err, last)
	}
	return nil
}
