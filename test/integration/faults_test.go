package integration

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/docs"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// These nodes read on demand, so that the age of their metrics is that of the newest scrape.
const firstOnDemand = nodes / 2

// TestBadNodes has kubelets fail in every way for longer than the maximum age: the usage of other nodes keeps its age, theirs are
// served until they are too old, and then the response has the message that docs/troubleshooting.md has.
func TestBadNodes(t *testing.T) {
	rows := explanations(t)
	faults := map[string]fleet.Fault{
		"The kubelet does not respond.":                       fleet.Hang(),
		"The kubelet returns an error.":                       fleet.Status(http.StatusInternalServerError),
		"The kubelet closes its connections.":                 fleet.DropConnections(),
		"The kubelet breaks off in the middle of a response.": fleet.Truncate(),
		"The kubelet cannot collect its own metrics.":         fleet.ScrapeError(),
		"The kubelet's response is empty.":                    fleet.Empty(),
		"The kubelet's response is too large.":                fleet.Huge(),
		"The kubelet does not accept the token of Plimsoll.":  fleet.Status(http.StatusUnauthorized),
		"Plimsoll has no right to the kubelet's metrics.":     fleet.Status(http.StatusForbidden),
		"The kubelet has neither endpoint.":                   fleet.Status(http.StatusNotFound),
		"A proxy redirects the request.":                      fleet.Redirect("https://127.0.0.1:1/metrics/resource"),
		"The kubelet has the certificate of another address.": fleet.OtherCertificate(env.Fleet.Nodes()[0]),
		"The kubelet's certificate has expired.":              fleet.ExpiredCertificate(),
		"The kubelet has no certificate yet.":                 fleet.AbortedHandshake(),
		"The kubelet does not end the TLS handshake.":         fleet.SilentHandshake(),
		"The clock of the node is an hour ahead.":             fleet.Clock(time.Hour),
	}
	bad := map[string]string{}
	all := env.Fleet.Nodes()
	pid := env.Server.PID()
	i := firstOnDemand
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		for _, node := range all[i : i+len(faults)+1] {
			if err := stillServed(ctx, node); err != nil {
				return err
			}
		}
		return ages(ctx, bad, resolution+time.Second)
	})
	hurt := func(message string, fault fleet.Fault) {
		bad[all[i]] = message
		if err := env.Fleet.SetFault(all[i], fault); message == "" || err != nil {
			t.Fatalf("fault %v has the message %q: %v", fault, message, err)
		}
		i++
	}
	for name, fault := range faults {
		hurt(rows[name], fault)
	}
	hurt("the kubelet's response", fleet.Garbage()) // with or without a line like a metric
	t.Cleanup(func() { mend(t, bad) })
	begin := time.Now()
	// A little less than the maximum age after the last scrape that succeeded.
	poll.Throughout(t, maxAge-resolution-2*time.Second, func(ctx context.Context) error {
		if err := ages(ctx, bad, resolution+2*time.Second); err != nil {
			return fmt.Errorf("after %s: %w", time.Since(begin).Round(time.Second), err)
		}
		for node := range bad {
			if err := stillServed(ctx, node); err != nil {
				return fmt.Errorf("after %s: %w", time.Since(begin).Round(time.Second), err)
			}
		}
		return nil
	})
	poll.Eventually(t, maxAge, func(ctx context.Context) error {
		for node, reason := range bad {
			if err := explained(ctx, node, reason); err != nil {
				return err
			}
		}
		return ages(ctx, bad, resolution+2*time.Second)
	})
	mend(t, bad)
	// By now the bad nodes are scraped only every fourth time.
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		for node := range bad {
			if err := stillServed(ctx, node); err != nil {
				return err
			}
		}
		return ages(ctx, nil, resolution+2*time.Second)
	})
	if got := env.Server.PID(); got != pid || env.Server.Ended() {
		t.Fatal("the process did not live through this")
	}
	for node := range bad {
		if most := env.Fleet.Traffic(node).Concurrent; most > 1 {
			t.Errorf("%d requests at once to %s", most, node)
		}
	}
}

func mend(t *testing.T, bad map[string]string) {
	for node := range bad {
		if err := env.Fleet.ClearFault(node); err != nil {
			t.Error(err)
		}
	}
}

// ages wants the metrics of all good nodes that read on demand, none older than a scrape and a little.
func ages(ctx context.Context, bad map[string]string, most time.Duration) error {
	list, err := env.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	fresh := map[string]metricsv1.NodeMetrics{}
	for _, n := range list.Items {
		fresh[n.Name] = n
	}
	for _, name := range env.Fleet.Nodes()[firstOnDemand:] {
		if bad[name] != "" {
			continue
		}
		// The API has whole seconds.
		n, ok := fresh[name]
		if age := time.Since(n.Timestamp.Time); !ok || age > most+time.Second {
			return fmt.Errorf("the usage of %s is %s old (served: %t)", name, age, ok)
		}
	}
	return nil
}

// stillServed wants the node and a pod on it.
func stillServed(ctx context.Context, node string) error {
	if _, err := env.Metrics.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{}); err != nil {
		return err
	}
	namespace, name := onePod(node)
	_, err := env.Metrics.MetricsV1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
	return err
}

// explained wants a 404 with the reason, for the node and for a pod on it.
func explained(ctx context.Context, node, reason string) error {
	_, nodeErr := env.Metrics.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
	namespace, name := onePod(node)
	_, podErr := env.Metrics.MetricsV1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
	for _, err := range []error{nodeErr, podErr} {
		if !apierrors.IsNotFound(err) || !strings.Contains(docs.AsOnThePage(err), reason) {
			return fmt.Errorf("%s is reported as\n%q, want\n%q", node, docs.AsOnThePage(err), reason)
		}
	}
	return nil
}

// onePod is the first pod that was created on a node.
func onePod(node string) (namespace, name string) {
	for _, p := range env.Fleet.Pods() {
		if p.Node == node && strings.HasPrefix(p.Name, node) {
			return p.Namespace, p.Name
		}
	}
	return "", ""
}
