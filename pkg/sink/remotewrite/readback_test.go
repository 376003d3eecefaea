package remotewrite

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestCountersAreReadBack shows that a counter that a kubelet has sent is the same number of nanoseconds after it was written as float64 seconds, stored,
// and read by Plimsoll's own decoder.
func TestCountersAreReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		ns := random.Uint64() >> (random.UintN(51) + 13) // up to 2^51
		if got := readBack(t, seconds(ns), 0); got.CPU.Value != ns {
			t.Fatalf("%d ns are read back as %d", ns, got.CPU.Value)
		}
	}
}

// TestLongCountersAndStartsAreReadBack shows it for values that a float64 does not hold to the nanosecond: what the kubelet's own float64 was is what is
// written again, so that a start does not seem to move between a scraped kubelet and an engine.
func TestLongCountersAndStartsAreReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		kubelets := float64(uint64(1<<51)+random.Uint64()>>4) / 1e9
		start := float64(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()+random.Int64N(1<<54)) / 1e9
		first := readBack(t, kubelets, start)
		if again := readBack(t, seconds(first.CPU.Value), seconds(uint64(first.Start))); again.CPU.Value != first.CPU.Value || again.Start != first.Start {
			t.Fatalf("%v s and start %v: read as %d and %d, then as %d and %d", kubelets, start, first.CPU.Value, first.Start, again.CPU.Value, again.Start)
		}
	}
}

// readBack decodes a kubelet's response with these values.
func readBack(t *testing.T, cpu, start float64) sample.Usage {
	t.Helper()
	const labels = `{container="app",namespace="shop",pod="web-0"}`
	body := fmt.Sprintf("container_cpu_usage_seconds_total%s %s 1000\n", labels, strconv.FormatFloat(cpu, 'g', -1, 64))
	if start != 0 {
		body += fmt.Sprintf("container_start_time_seconds%s %s\n", labels, strconv.FormatFloat(start, 'g', -1, 64))
	}
	var n sample.Node
	var d decode.ResourceDecoder
	if err := d.Decode(t.Context(), []byte(body+"resource_scrape_error 0\n"), &n); err != nil {
		t.Fatal(err)
	}
	return n.Pods[0].Containers[0].Usage
}
