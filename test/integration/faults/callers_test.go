package faults

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// autoscaler observes the latency of the autoscaler's call, with its identity and through the API server.
func autoscaler() observer {
	const account = "horizontal-pod-autoscaler"
	config, configErr := env.ConfigFor("system:serviceaccount:kube-system:"+account, "system:serviceaccounts", "system:authenticated")
	if configErr == nil {
		config.QPS = -1
	}
	client, clientErr := metricsclient.NewForConfig(config)
	return observer{name: "the autoscaler", every: 100 * time.Millisecond, observe: func(ctx context.Context, o *observation) error {
		if configErr != nil || clientErr != nil {
			return fmt.Errorf("make the autoscaler's client: %w, %w", configErr, clientErr)
		}
		begin := time.Now()
		list, err := client.MetricsV1beta1().PodMetricses("team-3").List(ctx, metav1.ListOptions{LabelSelector: cluster.LabelWorkload + "=workload-0"})
		took := time.Since(begin)
		o.mu.Lock()
		o.calls = append(o.calls, took)
		o.mu.Unlock()
		if err == nil && len(list.Items) == 0 {
			err = fmt.Errorf("the list is empty")
		}
		return err
	}}
}

// probe observes a path as the kubelet that runs Plimsoll does: anonymously, and on a connection of its own each time.
func probe(path string) observer {
	config, configErr := env.Server.ConfigFor("")
	return observer{name: path, every: time.Second, observe: func(ctx context.Context, _ *observation) error {
		if configErr != nil {
			return configErr
		}
		// The time-out of manifests/base.
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return get(ctx, rest.AnonymousClientConfig(config), path)
	}}
}

// get sends one request. A response other than 200 is an error.
func get(ctx context.Context, config *rest.Config, path string) error {
	_, err := cluster.Fetch(ctx, config, path)
	return err
}
