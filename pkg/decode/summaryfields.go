package decode

import (
	"slices"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// field is a member of an object in the summary, under the name that it has in k8s.io/kubelet/pkg/apis/stats/v1alpha1: a value, or an object with
// members of its own.
type field struct {
	name string
	// readFor are the extra resources that need the field, measured where CPU or memory needs it, and so on.
	readFor sample.ResourceSet
	// parse is nil for an object; otherwise the value is kept at this index.
	parse   parser
	index   int
	members []field
}

// always is an element of every selection of resources.
const always = sample.ResourceSet(1 << sample.ResourceCount)

// measured is an element of a selection with CPU and memory, and detailed of one with the details.
const (
	measured = always << (1 + iota)
	detailed
)

// The indexes of the values that the object of a node and that of a container always have.
const (
	startTime = iota
	cpuTime
	cpuNanoCores
	cpuCoreNanoSeconds
	memoryTime
	memoryWorkingSet
	memoryUsage
)

// summaryFields are the fields of the object of a node, a pod or a container.
type summaryFields struct {
	members []field
	// values is how many of the fields are values.
	values int
	// extras are where the extra resources are, each of them the sum of its parts.
	extras [sample.ResourceCount][]part
	// resources are those extra resources that the object has.
	resources sample.ResourceSet
	// details are where the details are, in the order of their fields.
	details [sample.DetailCount]part
}

// part has the indexes of a value, of its time, and of the most that it can be, each of which is none where there is none.
type part struct{ value, time, capacity int }

// detailPaths are where an object has the details, in the order of their fields; empty where it has not.
type detailPaths [sample.DetailCount]string

var (
	nodeFields = newSummaryFields(func(i *sample.ResourceInfo) string { return i.NodeField }, detailPaths{
		"memory.usageBytes", "network.rxBytes", "network.txBytes", "fs.usedBytes", "fs.capacityBytes", "", "",
	})
	podFields = newSummaryFields(func(i *sample.ResourceInfo) string { return i.PodField }, detailPaths{
		"", "network.rxBytes", "network.txBytes", "ephemeral-storage.usedBytes", "ephemeral-storage.capacityBytes", "", "",
	})
	containerFields = newSummaryFields(func(i *sample.ResourceInfo) string { return i.ContainerField }, detailPaths{
		"memory.usageBytes", "", "", "rootfs.usedBytes", "rootfs.capacityBytes", "logs.usedBytes", "logs.capacityBytes",
	})
)

// newSummaryFields compiles the paths of the table of extra resources, those of CPU and memory in the order of their indexes, and those of the details.
func newSummaryFields(paths func(*sample.ResourceInfo) string, details detailPaths) *summaryFields {
	f := &summaryFields{}
	f.add("startTime", parseTime, always)
	f.add("cpu.time", parseTime, measured)
	f.add("cpu.usageNanoCores", parseCount, measured)
	f.add("cpu.usageCoreNanoSeconds", parseCount, measured)
	f.add("memory.time", parseTime, measured)
	f.add("memory.workingSetBytes", parseCount, measured)
	f.add("memory.usageBytes", parseCount, measured)
	for r := range sample.AllResources.All() {
		if sum := paths(r.Info()); sum != "" {
			f.resources |= sample.ResourcesOf(r)
			for path := range strings.SplitSeq(sum, "+") {
				f.extras[r] = append(f.extras[r], f.addPart(path, parserOf(r), sample.ResourcesOf(r)))
			}
		}
	}
	for i, path := range details {
		f.details[i] = part{none, none, none}
		if path != "" {
			f.details[i] = f.addPart(path, parseCount, detailed)
		}
	}
	return f
}

func parserOf(r sample.Resource) parser {
	if r.Info().Unit == sample.Millionths {
		return parsePercent
	}
	return parseCount
}

func (f *summaryFields) addPart(path string, parse parser, readFor sample.ResourceSet) part {
	outermost, _, _ := strings.Cut(path, ".")
	p := part{value: f.add(path, parse, readFor), time: f.add(outermost+".time", parseTime, readFor), capacity: none}
	if fileSystem, ok := strings.CutSuffix(path, ".usedBytes"); ok {
		p.capacity = f.add(fileSystem+".capacityBytes", parseCount, readFor)
	}
	return p
}

// add returns the index of the value at a path, which is added unless it is there.
func (f *summaryFields) add(path string, parse parser, readFor sample.ResourceSet) int {
	var last *field
	members := &f.members
	for name := range strings.SplitSeq(path, ".") {
		at := slices.IndexFunc(*members, func(m field) bool { return m.name == name })
		if at < 0 {
			at = len(*members)
			*members = append(*members, field{name: name})
		}
		last = &(*members)[at]
		last.readFor |= readFor
		members = &last.members
	}
	if last.parse == nil {
		last.parse, last.index = parse, f.values
		f.values++
	}
	return last.index
}
