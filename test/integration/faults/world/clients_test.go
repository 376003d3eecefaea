package world

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// readers is the group of the users that may read all usage.
const readers = "readers-of-usage"

const readerRights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: readers-of-usage}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers-of-usage}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: readers-of-usage}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers-of-usage}]
`

// direct is a client of a Plimsoll itself. Plimsoll has decided nothing about a user that no test has named before.
func direct(t *testing.T, server *cluster.Server, user string) metricsclient.Interface {
	t.Helper()
	config, err := server.ConfigFor(user, readers, "system:authenticated")
	return clientOf(t, config, err)
}

// aggregated is a client that reaches the registered Plimsoll through the API server.
func aggregated(t *testing.T, user string) metricsclient.Interface {
	t.Helper()
	config, err := env.ConfigFor(user, readers, "system:authenticated")
	return clientOf(t, config, err)
}

func clientOf(t *testing.T, config *rest.Config, err error) metricsclient.Interface {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// another starts one more Plimsoll, which a command becomes where there is one. It is stopped when the test ends.
func another(t *testing.T, through []string, args ...string) *cluster.Server {
	t.Helper()
	server, err := env.StartServerThrough(t.Context(), through, append([]string{size.resolutionFlag()}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// autoscalerCall is the call of an autoscaler: the pods of one workload.
func autoscalerCall(client metricsclient.Interface) func(context.Context) error {
	return func(ctx context.Context) error {
		list, err := client.MetricsV1beta1().PodMetricses("team-3").List(ctx, metav1.ListOptions{LabelSelector: cluster.LabelWorkload + "=workload-0"})
		if err == nil && len(list.Items) == 0 {
			err = errEmpty
		}
		return err
	}
}

// probe requests a path as the kubelet that runs a Plimsoll does: anonymously, and on a connection of its own.
func probe(ctx context.Context, server *cluster.Server, path string) error {
	config, err := server.ConfigFor("")
	if err != nil {
		return err
	}
	_, err = cluster.Fetch(ctx, rest.AnonymousClientConfig(config), path)
	return err
}

// pause waits, or until the test ends.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}
