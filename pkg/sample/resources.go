package sample

// Resource is one of the extra resources, which are served in addition to CPU and memory where --extra-resources names them: the index of a row
// of the table below. The rows are in the order of their keys, which is the order on the wire.
type Resource uint8

// The extra resources.
const (
	EphemeralStorage Resource = iota
	CPUPressureFull10s
	CPUPressureFull60s
	CPUPressureSome10s
	CPUPressureSome60s
	MemoryPressureFull10s
	MemoryPressureFull60s
	MemoryPressureSome10s
	MemoryPressureSome60s
	PodCPU
	PodMemory
	Swap

	// ResourceCount is how many there are.
	ResourceCount
)

// ResourceInfo is a row of the table: all that distinguishes one extra resource from another. The decoders, the flag, the requests to kubelets,
// the store and the encoders follow the table, so that a new resource is a constant in the order of the keys, and a row. The kubelet must
// report it: see the fields below. What the table cannot know has to be written by hand:
//
//   - A new value of --extra-resources: in the help of that flag (cmd/plimsoll/app/options/scrape.go), docs/command-line-flags.txt, docs/flags.md,
//     and where it is to be offered, manifests/components/extra-resources.
//   - Values that must not be served, as swap on a node without swap space, or more than the node has: acceptExtras in pkg/store/extras.go, and docs/rules.md.
//   - A bound by what the node has, as its swap space: from StripNode (pkg/cluster/node.go) through target.Target and nodeScraper.identity
//     (pkg/scrape/node.go) to store.Identity.
//   - Readings for tests: the simulated kubelets in test/framework/fleet (reading.go, summary.go, text.go) and those of scenarios in
//     test/scenario (subject_test.go, exposition_test.go, summary_test.go).
type ResourceInfo struct {
	// Key is the resource's name in metrics.k8s.io: unqualified where kubectl knows the name.
	Key string
	// Unit is the unit of the values.
	Unit Unit
	// Flag is the value of --extra-resources that selects the resource.
	Flag string
	// NodeSeries and ContainerSeries are the metrics of /metrics/resource that hold the resource; empty where there is none.
	NodeSeries, ContainerSeries string
	// NodeField and ContainerField are where /stats/summary holds the resource, below the object of the node or of the container; empty
	// where it is not there. A sum of fields is written with plus signs. The time of a value is the field time of the outermost object, and the
	// most that usedBytes can be is the field capacityBytes beside it.
	NodeField, ContainerField string
	// PodField is the same for a resource of a pod as a whole, below the object of the pod; empty where it is one of containers. The API has the usage
	// of containers alone, and readers add it up: the first container of the pod is served with it, and the others with zero.
	PodField string
	// Endpoints are those whose responses hold the resource.
	Endpoints Endpoint
	// Additive is true for an amount that readers add up over the containers of a pod: the pod has it for all containers or for none. A
	// resource that is not additive is served for each container that has it.
	Additive bool
	// ZeroWhereIdle is true where a container that waits to be started again is known to use nothing of the resource.
	ZeroWhereIdle bool
}

// Unit is what the values of a resource count.
type Unit uint8

const (
	// Bytes are written with binary suffixes, as memory is.
	Bytes Unit = iota
	// Millionths are of one: the share of time from 0 to 1. They are written with decimal suffixes: 5300u is 0.53 %.
	Millionths
	// Billionths are of one: nanocores, the unit of CPU. They are written with decimal suffixes.
	Billionths
)

// Endpoint is a set of the responses that a kubelet gives.
type Endpoint uint8

const (
	// MetricsResource is /metrics/resource.
	MetricsResource Endpoint = 1 << iota
	// Summary is /stats/summary?only_cpu_and_memory=true, which costs a kubelet no more than MetricsResource.
	Summary
	// FullSummary is /stats/summary, for which a kubelet walks over the directories of all logs.
	FullSummary
)

const (
	summaries = Summary | FullSummary
	everyOne  = MetricsResource | summaries
)

// table has the rows of all extra resources. The kubelet's fields are those of k8s.io/kubelet/pkg/apis/stats/v1alpha1, its metrics those
// of k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go.
var table = [ResourceCount]ResourceInfo{
	EphemeralStorage: {
		Key: "ephemeral-storage", Unit: Bytes, Flag: "ephemeral-storage", Endpoints: FullSummary, Additive: true,
		NodeField: "fs.usedBytes", ContainerField: "rootfs.usedBytes+logs.usedBytes",
	},
	CPUPressureFull10s:    pressure("plimsoll.io/cpu-pressure-full-10s", "cpu.psi.full.avg10"),
	CPUPressureFull60s:    pressure("plimsoll.io/cpu-pressure-full-60s", "cpu.psi.full.avg60"),
	CPUPressureSome10s:    pressure("plimsoll.io/cpu-pressure-some-10s", "cpu.psi.some.avg10"),
	CPUPressureSome60s:    pressure("plimsoll.io/cpu-pressure-some-60s", "cpu.psi.some.avg60"),
	MemoryPressureFull10s: pressure("plimsoll.io/memory-pressure-full-10s", "memory.psi.full.avg10"),
	MemoryPressureFull60s: pressure("plimsoll.io/memory-pressure-full-60s", "memory.psi.full.avg60"),
	MemoryPressureSome10s: pressure("plimsoll.io/memory-pressure-some-10s", "memory.psi.some.avg10"),
	MemoryPressureSome60s: pressure("plimsoll.io/memory-pressure-some-60s", "memory.psi.some.avg60"),
	PodCPU:                {Key: "plimsoll.io/pod-cpu", Unit: Billionths, Flag: "pod", Endpoints: summaries, PodField: "cpu.usageNanoCores"},
	PodMemory:             {Key: "plimsoll.io/pod-memory", Unit: Bytes, Flag: "pod", Endpoints: summaries, PodField: "memory.workingSetBytes"},
	Swap: {
		Key: "swap", Unit: Bytes, Flag: "swap", Endpoints: everyOne, Additive: true, ZeroWhereIdle: true,
		NodeSeries: "node_swap_usage_bytes", ContainerSeries: "container_swap_usage_bytes",
		NodeField: "swap.swapUsageBytes", ContainerField: "swap.swapUsageBytes",
	},
}

// pressure is the row of a share of time in which tasks were stalled, as the kernel's pressure stall information has it (PSI,
// https://docs.kernel.org/accounting/psi.html).
func pressure(key, field string) ResourceInfo {
	return ResourceInfo{Key: key, Unit: Millionths, Flag: "pressure", Endpoints: summaries, NodeField: field, ContainerField: field}
}

// Info returns the resource's row of the table, which the caller must not change.
func (r Resource) Info() *ResourceInfo { return &table[r] }

// String is the resource's key.
func (r Resource) String() string { return table[r].Key }
