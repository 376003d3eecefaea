package integration

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// marker is in each name that a client of TestMetricsHaveNoNames chooses.
const marker = "marked-by-a-client"

// TestMetricsHaveNoNames reads objects by name, and sends requests whose every part the client has chosen, with the right to do so and without it. No series
// of /metrics, be it Plimsoll's or that of a library, has the name of a node, a namespace, a pod or a client, or another part of these requests.
func TestMetricsHaveNoNames(t *testing.T) {
	namespace, pod := onePod(env.Fleet.Nodes()[0])
	for user, groups := range map[string][]string{marker: {"system:masters"}, marker + "-without-rights": nil} {
		config, err := env.Server.ConfigFor(user, groups...)
		if err != nil {
			t.Fatal(err)
		}
		config.UserAgent = marker
		readNamed(t, config, namespace, pod)
		sendMarked(t, config)
	}
	admin, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(strings.Join([]string{marker, regexp.QuoteMeta(pod), namespace, "team-", "node-[0-9]"}, "|"))
	text, err := cluster.Fetch(t.Context(), admin, "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, `apiserver_request_total{`) || !strings.Contains(text, "authenticated_user_requests{") {
		t.Error("the requests are not counted at all")
	}
	for line := range strings.Lines(text) {
		if named.MatchString(line) {
			t.Errorf("a series has a name: %s", line)
		}
	}
}

// readNamed reads a node and pods by name, and lists by namespace and selector. It does not matter whether the client may.
func readNamed(t *testing.T, config *rest.Config, namespace, pod string) {
	t.Helper()
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	pods := client.MetricsV1().PodMetricses(namespace)
	_, nodeErr := client.MetricsV1().NodeMetricses().Get(t.Context(), env.Fleet.Nodes()[0], metav1.GetOptions{})
	_, podErr := pods.Get(t.Context(), pod, metav1.GetOptions{})
	_, missing := pods.Get(t.Context(), marker, metav1.GetOptions{})
	_, listErr := pods.List(t.Context(), metav1.ListOptions{LabelSelector: marker + "=" + marker})
	t.Logf("a node: %v; a pod: %v; a pod that does not exist: %v; a selector: %v", nodeErr, podErr, missing, listErr)
	if missing == nil {
		t.Error("a pod is served that does not exist")
	}
}

// sendMarked sends requests with a method, a path, a version, a resource, a namespace, a query and a header of the client's choice.
func sendMarked(t *testing.T, config *rest.Config) {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for _, r := range [][2]string{
		{http.MethodGet, "/" + marker},
		{http.MethodGet, "/apis/metrics.k8s.io/" + marker + "/nodes"},
		{http.MethodGet, "/apis/metrics.k8s.io/v1/" + marker},
		{http.MethodGet, "/apis/metrics.k8s.io/v1/nodes/" + marker + "/" + marker},
		{http.MethodGet, "/apis/metrics.k8s.io/v1/namespaces/" + marker + "/pods"},
		{http.MethodGet, "/apis/" + marker + "/v1/pods"},
		{http.MethodGet, "/api/v1/namespaces/" + marker + "/" + marker},
		{http.MethodGet, "/clusters/" + marker + "/apis/metrics.k8s.io/v1/nodes"},
		{http.MethodGet, "/apis/metrics.k8s.io/v1/nodes?fieldManager=" + marker + "&dryRun=" + marker},
		{http.MethodDelete, "/apis/metrics.k8s.io/v1/nodes/" + marker},
		{http.MethodPatch, "/apis/metrics.k8s.io/v1/namespaces/" + marker + "/pods/" + marker},
		{strings.ToUpper(marker), "/apis/metrics.k8s.io/v1/nodes"},
	} {
		if err := requestOnce(t.Context(), client, r[0], config.Host+r[1]); err != nil {
			t.Errorf("%s %s: %v", r[0], r[1], err)
		}
	}
}

func requestOnce(ctx context.Context, client *http.Client, method, url string) error {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/"+marker)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}
