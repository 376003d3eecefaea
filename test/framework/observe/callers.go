package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// NameAutoscaler is the name of the Autoscaler's observer.
const NameAutoscaler = "autoscaler"

// Autoscaler observes the latency of the autoscaler's call, ten times a second, with its identity and through the API server. The cluster is one that
// Populate filled.
func Autoscaler(c *cluster.Cluster) Observer {
	config, err := AutoscalerConfig(c)
	return callerOf(NameAutoscaler, 100*time.Millisecond, config, err)
}

// AutoscalerConfig is a client of the API server with the identity of the autoscaler.
func AutoscalerConfig(c *cluster.Cluster) (*rest.Config, error) {
	return c.ConfigFor("system:serviceaccount:kube-system:horizontal-pod-autoscaler", "system:serviceaccounts", "system:authenticated")
}

// Caller observes the latency of the autoscaler's call of a client, which may be one of the API server or one of a Plimsoll.
func Caller(name string, every time.Duration, config *rest.Config) Observer {
	return callerOf(name, every, config, nil)
}

// callerOf is Caller for a config that may have failed: the observer's failures are that error then.
func callerOf(name string, every time.Duration, config *rest.Config, configErr error) Observer {
	client, err := clientOf(config, configErr)
	return Observer{Name: name, Every: every, Observe: func(ctx context.Context, o *Observation) error {
		if err != nil {
			return err
		}
		begin := time.Now()
		list, err := client.MetricsV1beta1().PodMetricses("team-3").List(ctx, metav1.ListOptions{LabelSelector: cluster.LabelWorkload + "=workload-0"})
		o.NoteCall(name, time.Since(begin))
		if err == nil && len(list.Items) == 0 {
			err = errors.New("the list is empty")
		}
		return err
	}}
}

// clientOf is a client without a limit of its own on its rate.
func clientOf(config *rest.Config, err error) (metricsclient.Interface, error) {
	if err != nil {
		return nil, fmt.Errorf("make a client of the metrics API: %w", err)
	}
	unlimited := rest.CopyConfig(config)
	unlimited.QPS = -1
	client, err := metricsclient.NewForConfig(unlimited)
	if err != nil {
		return nil, fmt.Errorf("make a client of the metrics API: %w", err)
	}
	return client, nil
}

// probeTimeout is that of the probes of manifests/base.
const probeTimeout = 5 * time.Second

// Probe observes a path of a server as the kubelet that runs it does: anonymously, each second, and on a connection of its own each time. A response
// other than 200 is a failure.
func Probe(server *cluster.Server, path string) Observer {
	config, configErr := server.ConfigFor("")
	return Observer{Name: path, Every: time.Second, Observe: func(ctx context.Context, _ *Observation) error {
		if configErr != nil {
			return configErr
		}
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		_, err := cluster.Fetch(ctx, rest.AnonymousClientConfig(config), path)
		return err
	}}
}
