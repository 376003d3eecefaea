package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// expected is a series that an alert, a dashboard or an agent for metrics-server reads, and what its value may be.
type expected struct {
	reader   string
	family   string
	kind     dto.MetricType
	labels   string
	from, to float64
}

// peerSeries are read in OpenShift's alert MetricsServerKubeletScrapeFailures and its runbook, in Datadog's check kube_metrics_server,
// and in dashboards. The value of a histogram is its average.
func peerSeries(now time.Time) []expected {
	counter, gauge, histogram := dto.MetricType_COUNTER, dto.MetricType_GAUGE, dto.MetricType_HISTOGRAM
	return []expected{
		{"OpenShift's alert, failures", "metrics_server_kubelet_request_total", counter, "success=false", 0, 0},
		{"OpenShift's alert, all; Datadog", "metrics_server_kubelet_request_total", counter, "success=true", nodes, 1000 * nodes},
		{"Datadog, request duration", "metrics_server_kubelet_request_duration_seconds", histogram, "node=" + env.Fleet.Nodes()[0], 0.0001, 5},
		{"Datadog, another node", "metrics_server_kubelet_request_duration_seconds", histogram, "node=" + env.Fleet.Nodes()[nodes-1], 0.0001, 5},
		{"Datadog, last time", "metrics_server_kubelet_last_request_time_seconds", gauge, "node=" + env.Fleet.Nodes()[nodes/2],
			float64(now.Add(-time.Minute).Unix()), float64(now.Unix())},
		{"Datadog, tick", "metrics_server_manager_tick_duration_seconds", histogram, "", 0.0001, 5},
		{"dashboards, nodes", "metrics_server_storage_points", gauge, "type=node", nodes, nodes},
		{"dashboards, containers", "metrics_server_storage_points", gauge, "type=container", pods, 2 * pods},
		{"dashboards, freshness", "metrics_server_api_metric_freshness_seconds", histogram, "", 0.001, 30},
	}
}

// librarySeries are there in every Plimsoll, as in metrics-server.
func librarySeries() []expected {
	return []expected{
		{"requests to the API server", "rest_client_requests_total", dto.MetricType_COUNTER, "code=200 method=GET", 1, 1e6},
		{"their duration", "rest_client_request_duration_seconds", dto.MetricType_HISTOGRAM, "verb=GET", 0.00001, 60},
		{"Datadog, users", "authenticated_user_requests", dto.MetricType_COUNTER, "", 1, 1e6},
	}
}

// TestCompatibilityMetrics reads the metrics of a server that shows them under metrics-server's names, and of one that does not.
func TestCompatibilityMetrics(t *testing.T) {
	server, err := env.StartServer(t.Context(), "--compatibility-metrics")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		if err := listAll(ctx, server); err != nil {
			return err
		}
		families, err := scrapeMetrics(ctx, server)
		if err != nil {
			return err
		}
		return missingSeries(families, append(peerSeries(time.Now()), librarySeries()...))
	})
	families, err := scrapeMetrics(t.Context(), env.Server)
	if err != nil {
		t.Fatal(err)
	}
	for name := range families {
		if strings.HasPrefix(name, "metrics_server_") {
			t.Errorf("%s is there without --compatibility-metrics", name)
		}
	}
	if err := missingSeries(families, librarySeries()); err != nil {
		t.Error(err)
	}
}

func listAll(ctx context.Context, server *cluster.Server) error {
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		return err
	}
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		return err
	}
	if _, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{}); err != nil {
		return err
	}
	_, err = client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	return err
}

func scrapeMetrics(ctx context.Context, server *cluster.Server) (map[string]*dto.MetricFamily, error) {
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		return nil, err
	}
	text, err := cluster.Fetch(ctx, config, "/metrics")
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(strings.NewReader(text))
}

// missingSeries returns an error for each series that is not there, or has a value that cannot be.
func missingSeries(families map[string]*dto.MetricFamily, all []expected) error {
	var errs []error
	for _, want := range all {
		f := families[want.family]
		if f == nil || f.GetType() != want.kind {
			errs = append(errs, fmt.Errorf("%s: %s is %v, want a %v", want.reader, want.family, f.GetType(), want.kind))
			continue
		}
		i := slices.IndexFunc(f.GetMetric(), func(m *dto.Metric) bool { return hasLabels(m, want.labels) })
		if i < 0 {
			errs = append(errs, fmt.Errorf("%s: %s has no series with %s", want.reader, want.family, want.labels))
			continue
		}
		if v := valueOf(f.GetMetric()[i]); !(v >= want.from && v <= want.to) {
			errs = append(errs, fmt.Errorf("%s: %s{%s} is %v, want %v to %v", want.reader, want.family, want.labels, v, want.from, want.to))
		}
	}
	return errors.Join(errs...)
}

// hasLabels is true where a series has each of the labels, written as name=value.
func hasLabels(m *dto.Metric, labels string) bool {
	for label := range strings.FieldsSeq(labels) {
		if !slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName()+"="+l.GetValue() == label }) {
			return false
		}
	}
	return true
}

// valueOf is the value of a series, which of a histogram is the average; not a number where it has counted nothing.
func valueOf(m *dto.Metric) float64 {
	if h := m.GetHistogram(); h != nil {
		return h.GetSampleSum() / float64(h.GetSampleCount())
	}
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}
