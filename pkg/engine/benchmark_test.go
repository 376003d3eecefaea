package engine

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkResponse reads the response of a shard of 50 nodes with 30 pods each, with the labels that a Prometheus of kube-prometheus has, and makes the
// samples of its nodes.
func BenchmarkResponse(b *testing.B) {
	const target = `"endpoint":"https-metrics","instance":"10.0.12.%d:10250","job":"kubelet","metrics_path":"/metrics/resource","service":"prometheus-kubelet"`
	var text strings.Builder
	var nodes []string
	series := 0
	text.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	add := func(name, labels string, node int) {
		if series++; series > 1 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"metric":{"__name__":%q%s,"node":"node-%04d",`+target+`},"values":[`, name, labels, node, node)
		for i := range 6 {
			if i > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, `[%d.%03d,"%d.%06d"]`, 1_700_000_000+15*i, (node*37+i)%1000, 1000+i, node*i)
		}
		text.WriteString("]}")
	}
	for node := range 50 {
		nodes = append(nodes, fmt.Sprintf("node-%04d", node))
		for pod := range 30 {
			labels := fmt.Sprintf(`,"container":"app","namespace":"team-%02d","pod":"web-7d4b9c6f5-%03d"`, pod%7, pod)
			for _, name := range []string{"container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds"} {
				add(name, labels, node)
			}
		}
		add("node_cpu_usage_seconds_total", "", node)
		add("node_memory_working_set_bytes", "", node)
	}
	text.WriteString("]}}")
	selection := &Selection{Labels: usualLabels, Replica: []string{"prometheus_replica", "replica"}}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		a := newAssembler(selection, nodes)
		if _, err := readResponse(strings.NewReader(text.String()), a.add); err != nil {
			b.Fatal(err)
		}
		for _, n := range a.nodes {
			chosen, err := n.choose("", 90_000)
			if err != nil {
				b.Fatal(err)
			}
			response, err := newNodeResponse(chosen, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, newest := response.samples(false); len(newest.Pods) != 30 {
				b.Fatalf("%d pods", len(newest.Pods))
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(50*30), "ns/container")
}
