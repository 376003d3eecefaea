package sample

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRowsAreComplete wants of each row what its readers rely on.
func TestRowsAreComplete(t *testing.T) {
	var keys []string
	for r := range AllResources.All() {
		row := r.Info()
		keys = append(keys, row.Key)
		t.Run(row.Key, func(t *testing.T) {
			if row.Flag == "" || row.Endpoints == 0 {
				t.Errorf("no flag requests it, or no endpoint has it: %+v", row)
			}
			inText := row.NodeSeries != "" || row.ContainerSeries != ""
			if inText != (row.Endpoints&MetricsResource != 0) {
				t.Errorf("series and endpoints do not agree: %+v", row)
			}
			inJSON := row.NodeField != "" || row.ContainerField != "" || row.PodField != ""
			if inJSON != (row.Endpoints&summaries != 0) {
				t.Errorf("fields and endpoints do not agree: %+v", row)
			}
			if row.Endpoints&Summary != 0 && row.Endpoints&FullSummary == 0 {
				t.Error("the full summary has all that the short one has")
			}
			if row.PodField != "" && (row.Additive || row.NodeField != "" || row.ContainerField != "") {
				t.Errorf("a resource of pods is not one of containers: %+v", row)
			}
			if qualified := strings.Contains(row.Key, "/"); qualified == (row.Flag == row.Key) {
				t.Errorf("key %q and flag %q: a key that kubectl knows is its own flag, another is qualified", row.Key, row.Flag)
			}
		})
	}
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != int(ResourceCount) {
		t.Errorf("keys are not distinct and sorted: %v", keys)
	}
}

func TestParseResources(t *testing.T) {
	pressure := ResourcesOf(CPUPressureFull10s, CPUPressureFull60s, CPUPressureSome10s, CPUPressureSome60s,
		MemoryPressureFull10s, MemoryPressureFull60s, MemoryPressureSome10s, MemoryPressureSome60s)
	tests := []struct {
		flags []string
		want  ResourceSet
		err   string
	}{
		{nil, 0, ""},
		{[]string{"swap"}, ResourcesOf(Swap), ""},
		{[]string{"pressure"}, pressure, ""},
		{[]string{"pod"}, ResourcesOf(PodCPU, PodMemory), ""},
		{[]string{"swap", "ephemeral-storage", "pod", "pressure", "swap"}, AllResources, ""},
		{[]string{"swap", "gpu"}, 0, `"gpu" is unknown; allowed are ephemeral-storage, pod, pressure, swap`},
		{[]string{"plimsoll.io/cpu-pressure-some-10s"}, 0, `"plimsoll.io/cpu-pressure-some-10s" is unknown; allowed are ephemeral-storage, pod, pressure, swap`},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.flags, ","), func(t *testing.T) {
			got, err := ParseResources(tt.flags)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if got != tt.want || message != tt.err {
				t.Errorf("got %b, %q; want %b, %q", got, message, tt.want, tt.err)
			}
		})
	}
}

func TestResourcesFromEndpoints(t *testing.T) {
	tests := []struct {
		name     string
		endpoint Endpoint
		want     []string
	}{
		{"text", MetricsResource, []string{"swap"}},
		{"full summary", FullSummary, slices.Collect(keysOf(AllResources))},
		{"short summary", Summary, slices.Collect(keysOf(AllResources &^ ResourcesOf(EphemeralStorage)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, slices.Collect(keysOf(AllResources.From(tt.endpoint)))); diff != "" {
				t.Errorf("resources (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheapestEndpoints(t *testing.T) {
	all := AllResources.CheapestFrom(MetricsResource) | AllResources.CheapestFrom(Summary) | AllResources.CheapestFrom(FullSummary)
	if all != AllResources {
		t.Errorf("no endpoint for %v", AllResources&^all)
	}
	for from, want := range map[Endpoint]ResourceSet{
		MetricsResource: ResourcesOf(Swap),
		Summary:         AllResources.where(func(i *ResourceInfo) bool { return i.Flag == "pressure" || i.Flag == "pod" }),
		FullSummary:     ResourcesOf(EphemeralStorage),
	} {
		if got := AllResources.CheapestFrom(from); got != want {
			t.Errorf("endpoint %d: got %v, want %v", from, got, want)
		}
	}
}

func keysOf(s ResourceSet) func(func(string) bool) {
	return func(yield func(string) bool) {
		for r := range s.All() {
			if !yield(r.String()) {
				return
			}
		}
	}
}

func TestExtrasStayInOrder(t *testing.T) {
	one := func(value uint64) Reading { return Reading{Value: value, Known: true} }
	var e ExtraReadings
	e = e.Set(Swap, one(1))
	e = e.Set(EphemeralStorage, one(2))
	e = e.Set(MemoryPressureSome10s, Reading{Rejected: Negative})
	e = e.Set(CPUPressureSome10s, one(3))
	e = e.Set(Swap, one(4))
	want := ExtraReadings{{EphemeralStorage, one(2)}, {CPUPressureSome10s, one(3)}, {Swap, one(4)}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("extras (-want +got):\n%s", diff)
	}
	if e.Get(Swap).Value != 4 || e.Get(MemoryPressureSome10s).Known {
		t.Errorf("got %+v", e)
	}
}
