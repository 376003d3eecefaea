package app

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/servingcert"
	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// metricsPage has one table of metrics, each row with the name, the type, the labels and the text that /metrics has too.
const (
	metricsPage  = "../../../docs/metrics.md"
	metricsTitle = "| metric | type | labels | meaning |\n|---|---|---|---|\n"
)

// TestMetrics compares all metrics of Plimsoll's own with the table in docs/metrics.md: names and labels are a contract with dashboards and alerts.
func TestMetrics(t *testing.T) {
	rows := metricRows(t)
	page, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), metricsTitle)
	table, after, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatalf("%s has no table that begins with\n%s", metricsPage, metricsTitle)
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		text := before + metricsTitle + strings.Join(rows, "\n") + "\n\n" + after
		if err := os.WriteFile(metricsPage, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(strings.Split(table, "\n"), rows); diff != "" {
		t.Errorf("the table of %s and the metrics (-table +metrics); -update writes the table:\n%s", metricsPage, diff)
	}
}

// metricRows are the rows of the metrics that a server with every kind of source and sink registers, in the order of their names.
func metricRows(t *testing.T) (rows []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, err := source.ParseAll([]string{"kubernetes?auth=" + file, "prometheus:http://10.0.0.9:9090?auth=" + file},
		source.Defaults{Kubelet: source.Kubelet{HTTPS: true, Port: 10250, RequestTimeout: time.Second}, Resolution: 15 * time.Second}, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	sinks, err := sink.ParseAll([]string{"log:"}, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	registry := metrics.NewKubeRegistry()
	add := func(collector any) {
		descs := make(chan *prometheus.Desc, 20)
		collector.(prometheus.Collector).Describe(descs)
		close(descs)
		for d := range descs {
			rows = append(rows, metricRow(t, d, collector))
		}
	}
	reg := metricsRegistry{
		Register: func(m metrics.Registerable) error {
			defer add(m)
			return registry.Register(m)
		},
		CustomRegister: func(c metrics.StableCollector) error {
			defer add(c)
			return registry.CustomRegister(c)
		},
	}
	if _, err := newExtra(&options.Config{Sources: sources, Sinks: sinks}, reg); err != nil {
		t.Fatal(err)
	}
	if err := registerGauges(reg, certificateGauges(&servingcert.Manager{})...); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rows, func(a, b string) int {
		return cmp.Compare(strings.Trim(strings.Fields(a)[1], "`"), strings.Trim(strings.Fields(b)[1], "`"))
	})
	return slices.Compact(rows)
}

var descText = regexp.MustCompile(`^Desc{fqName: "(\w+)", help: "\[ALPHA\] (.*?)", (?:unit: "", )?constLabels: {}, variableLabels: {(.*)}}$`)

func metricRow(t *testing.T, d *prometheus.Desc, collector any) string {
	t.Helper()
	parts := descText.FindStringSubmatch(d.String())
	if parts == nil {
		t.Fatalf("the description %s cannot be read", d)
	}
	kind := "gauge"
	if _, ok := collector.(*metrics.HistogramVec); ok {
		kind = "histogram"
	} else if strings.HasSuffix(parts[1], "_total") {
		kind = "counter"
	}
	var labels []string
	for label := range strings.SplitSeq(parts[3], ",") {
		labels = append(labels, "`"+label+"`")
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |", parts[1], kind, strings.Join(labels, ", "), parts[2])
}
