package decode

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// fullNode has as many pods as a kubelet allows, of two containers each.
func fullNode() sample.Node {
	r := rand.New(rand.NewPCG(1, 1))
	n := sample.Node{Usage: steadyUsage(r)}
	for i := range 110 {
		p := sample.Pod{
			Namespace: fmt.Sprintf("team-%d", i%8),
			Name:      fmt.Sprintf("workload-%d-6d5f7c9b84-%05x", i, r.IntN(1<<20)),
			UID:       fmt.Sprintf("00000000-0000-4000-8000-%012x", i),
		}
		for _, name := range []string{"app", "mesh-proxy"} {
			p.Containers = append(p.Containers, sample.Container{Name: name, Usage: steadyUsage(r)})
		}
		n.Pods = append(n.Pods, p)
	}
	return n
}

// steadyUsage has every reading.
func steadyUsage(r *rand.Rand) sample.Usage {
	at := 1_785_924_000_000_000_000 - r.Int64N(20)*1e9
	reading := func() sample.Reading { return sample.Reading{Value: r.Uint64N(1 << 42), Time: at, Known: true} }
	return sample.Usage{Start: 1_785_824_000_000_000_000, CPU: reading(), Memory: reading(), Rate: reading(), Extra: sample.ExtraReadings{{Resource: sample.Swap, Reading: reading()}}}
}

func BenchmarkResource(b *testing.B) {
	body := asKubeletText(fullNode())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := resource(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPrometheusParser is the cost of the text format's own parser, without the use of the values.
func BenchmarkPrometheusParser(b *testing.B) {
	body := asKubeletText(fullNode())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		p := textparse.NewPromParser(body, labels.NewSymbolTable(), false)
		for entry, err := p.Next(); !errors.Is(err, io.EOF); entry, err = p.Next() {
			if err != nil {
				b.Fatal(err)
			}
			if entry == textparse.EntrySeries {
				p.Series()
			}
		}
	}
}

// BenchmarkResourceDecoder decodes the same containers again, as nearly always.
func BenchmarkResourceDecoder(b *testing.B) {
	body := asKubeletText(fullNode())
	d := ResourceDecoder{Extra: sample.AllResources}
	var n sample.Node
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(b.Context(), body, &n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkResourceDecoderAtFirst decodes containers that the decoder does not know: those of a new server, or of a node with a new pod.
func BenchmarkResourceDecoderAtFirst(b *testing.B) {
	body := asKubeletText(fullNode())
	var n sample.Node
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d := ResourceDecoder{Extra: sample.AllResources}
		if err := d.Decode(b.Context(), body, &n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	body := asSummary(b, fullNode())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := summary(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKubeletTypes is what the kubelet's own types would cost, before anything is made of them.
func BenchmarkKubeletTypes(b *testing.B) {
	body := asSummary(b, fullNode())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var s stats.Summary
		if err := json.Unmarshal(body, &s); err != nil {
			b.Fatal(err)
		}
	}
}
