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

// The figures that must not grow. Without faults the medians of two thirds differ by less than 3 in 100, those of goroutines by up to 3, and the largest
// number of goroutines by up to 40, of a burst. The largest memory is that of the kernel, which misses no moment: at one moment in
// each sixtieth of the run there are large bodies, or there are none. Resident memory is given back only some time after a burst.
var (
	resident    = growth.Figure{Name: "resident memory (lower quartile), MiB", Unit: 1 << 20, Bursts: true, Median: growth.Allowance{Share: 0.1, Amount: 8}, Largest: growth.Any()}
	peak        = growth.Figure{Name: "peaks of it, MiB", Unit: 1 << 20, Median: growth.Any(), Largest: growth.Allowance{Share: 0.2, Amount: 32}}
	heap        = growth.Figure{Name: "heap after GC, MiB", Unit: 1 << 20, Median: growth.Allowance{Share: 0.1, Amount: 2}, Largest: growth.Any()}
	goroutines  = growth.Figure{Name: "goroutines", Unit: 1, Median: growth.Allowance{Share: 0.05, Amount: 10}, Largest: growth.Allowance{Share: 0.2, Amount: 50}}
	descriptors = growth.Figure{Name: "open descriptors", Unit: 1, Median: growth.Allowance{Share: 0.05, Amount: 10}, Largest: growth.Allowance{Share: 0.1, Amount: 20}}
	series      = growth.Figure{Name: "series of its own", Unit: 1, Median: growth.Allowance{Share: 0.02, Amount: 20}, Largest: growth.Allowance{Share: 0.02, Amount: 20}}
)

// settled is from which length of a run on the resident memory is judged. In a third of a shorter run there are a few faults with large bodies or none, as
// the seed has it, and the process gives their memory back only some time later. The heap after GC, which has nothing of that, is judged in every run.
const settled = 10 * time.Minute

// isSettled tells whether a figure is judged in a run of this length.
func isSettled(f growth.Figure) bool {
	return size.length >= settled || f != resident && f != peak
}

// gauges record what Plimsoll holds.
type gauges struct {
	begin   time.Time
	records map[string]*growth.Record
	order   []growth.Figure
	// first and last are profiles of the goroutines at the end of the first third and of the run.
	first, last profile
}

func newGauges() *gauges {
	g := &gauges{begin: time.Now(), records: map[string]*growth.Record{}, order: []growth.Figure{resident, peak, heap, goroutines, descriptors, series}}
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
	memory, err := memoryOf(env.Server.PID())
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
	if g.last, err = goroutineProfile(ctx); err != nil {
		return err
	}
	now := time.Since(g.begin)
	if now <= size.length/3 {
		g.first = g.last
	}
	for figure, value := range map[string]float64{
		resident.Name: float64(memory.Resident), peak.Name: float64(memory.Peak), heap.Name: used,
		goroutines.Name: own["go_goroutines"], descriptors.Name: float64(open), series.Name: float64(len(own)),
	} {
		g.records[figure].Add(now, value)
	}
	return nil
}

// memoryOf is the memory of a process, and its peak since the last call.
func memoryOf(pid int) (process.Memory, error) {
	memory, err := process.MemoryOf(pid)
	if err != nil {
		return process.Memory{}, err
	}
	return memory, process.ResetPeak(pid)
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
		t.Logf("%s\n%s", grown, g.records[f.Name])
		report.Add(t, report.Row{Table: table, Name: f.Name, Figures: []report.Figure{
			{Heading: "first third: median, largest", Text: grown.First.String()},
			{Heading: "last third: median, largest", Text: grown.Last.String()},
		}})
		if err := grown.Err(); err != nil && isSettled(f) {
			t.Error(err)
		} else if err != nil {
			t.Logf("not judged, as the run is shorter than %s: %v", settled, err)
		}
	}
	t.Logf("goroutines of which there are more than at the end of the first third:\n%s", g.last.since(g.first))
}
