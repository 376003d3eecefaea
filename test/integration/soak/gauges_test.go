package soak

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/growth"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/process"
	"github.com/plimsoll/plimsoll/test/framework/report"
)

const (
	// samples is how often the gauges are read.
	samples = 60
	// table is that of docs/reliability.md.
	table = "soak"
)

// The figures that must not grow.
var (
	resident    = growth.Figure{Name: "resident memory, MiB", Unit: 1 << 20, Median: growth.Allowance{Share: 0.1, Amount: 8}, Largest: growth.Allowance{Share: 0.2, Amount: 32}}
	heap        = growth.Figure{Name: "heap after GC, MiB", Unit: 1 << 20, Median: growth.Allowance{Share: 0.1, Amount: 2}, Largest: growth.Allowance{Share: 0.2, Amount: 32}}
	goroutines  = growth.Figure{Name: "goroutines", Unit: 1, Median: growth.Allowance{Share: 0.05, Amount: 10}, Largest: growth.Allowance{Share: 0.2, Amount: 50}}
	descriptors = growth.Figure{Name: "open descriptors", Unit: 1, Median: growth.Allowance{Share: 0.05, Amount: 10}, Largest: growth.Allowance{Share: 0.1, Amount: 20}}
	series      = growth.Figure{Name: "series of its own", Unit: 1, Median: growth.Allowance{Share: 0.02, Amount: 20}, Largest: growth.Allowance{Share: 0.02, Amount: 20}}
)

// gauges record what Plimsoll holds.
type gauges struct {
	begin   time.Time
	records map[string]*growth.Record
	order   []growth.Figure
}

func newGauges() *gauges {
	g := &gauges{begin: time.Now(), records: map[string]*growth.Record{}, order: []growth.Figure{resident, heap, goroutines, descriptors, series}}
	for _, f := range g.order {
		g.records[f.Name] = &growth.Record{Figure: f}
	}
	return g
}

func (g *gauges) follow(ctx context.Context, t *testing.T) {
	failed := 0
	every(ctx, size.length/samples, func(ctx context.Context) {
		if err := g.read(ctx); err != nil && ctx.Err() == nil {
			if failed++; failed <= reported {
				t.Errorf("read what plimsoll holds: %v", err)
			}
		}
	})
}

func (g *gauges) read(ctx context.Context) error {
	memory, err := process.MemoryOf(env.Server.PID())
	if err != nil {
		return err
	}
	open, err := process.Descriptors(env.Server.PID())
	if err != nil {
		return err
	}
	own, err := observe.OwnMetrics(ctx, env.Server)
	if err != nil {
		return err
	}
	used, err := heapAfterGC(ctx)
	if err != nil {
		return err
	}
	now := time.Since(g.begin)
	for figure, value := range map[string]float64{
		resident.Name: float64(memory.Resident), heap.Name: used, goroutines.Name: own["go_goroutines"], descriptors.Name: float64(open),
		series.Name: float64(len(own)),
	} {
		g.records[figure].Add(now, value)
	}
	return nil
}

var heapAlloc = regexp.MustCompile(`(?m)^# HeapAlloc = (\d+)$`)

// heapAfterGC has the process collect its garbage, and returns what is left, in bytes.
func heapAfterGC(ctx context.Context) (float64, error) {
	config, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		return 0, err
	}
	text, err := cluster.Fetch(ctx, config, "/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		return 0, err
	}
	found := heapAlloc.FindStringSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("the profile of the heap has no HeapAlloc: %.300s", text)
	}
	return strconv.ParseFloat(found[1], 64)
}

// report fails the test where a figure grew.
func (g *gauges) report(t *testing.T) {
	t.Helper()
	for _, f := range g.order {
		grown, err := g.records[f.Name].Over(size.length)
		if err != nil {
			t.Error(err)
			continue
		}
		t.Log(grown)
		report.Add(t, report.Row{Table: table, Name: f.Name, Figures: []report.Figure{
			{Heading: "first third: median, largest", Text: grown.First.String()},
			{Heading: "last third: median, largest", Text: grown.Last.String()},
		}})
		if err := grown.Err(); err != nil {
			t.Error(err)
		}
	}
}
