package export

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Level is the kind of object that a record is of.
type Level uint8

// The levels, from one container up to a whole cluster. Those above Pod but Node are sums, which only sinks with [Needs.Sums] receive.
const (
	Container Level = iota
	Pod
	Node
	Namespace
	Cluster
)

// Record is the usage of one object as it was published once. Records of one object come in the order of their times. It is valid during the call that
// it is given to; its strings may be kept. All times are those of the kubelet, in Unix nanoseconds; a value whose time is 0 is not known.
type Record struct {
	Level Level
	// Cluster is the name of the cluster's source; empty for the home cluster.
	Cluster string
	// Node is the node's name, also of pods and containers; empty for sums.
	Node string
	// Namespace, Pod and Container are names, and UID that of the pod's object. They are empty above their level.
	Namespace, Pod, UID, Container string
	// Labels are the pod's, or the node's, as key and value in turns; nil unless the sink has [Needs.Labels].
	Labels []string

	// Gone is true where no usage follows: the object is gone, or its usage is too old. The times are those of its last readings, which were exported
	// before. Only sinks with [Needs.Ends] receive such records.
	Gone bool

	// Start is when the container instance, or the node, started; 0 where that is not known.
	Start int64
	// Rate is the CPU rate in nanocores. Time is the end of its window and Window the length of that in nanoseconds.
	Rate         uint64
	Time, Window int64
	// Previous is the time of the rate of this object that was exported before; 0 where there was none.
	Previous int64
	// CPU is the CPU time used since Start, in nanoseconds. Of a pod it is not known: a sum falls where one container restarts.
	CPU Reading
	// Memory is the working set in bytes.
	Memory Reading

	// Requests and Limits are those of the object's containers; nil unless the sink has [Needs.Resources]. Those of a node are the sums over its pods.
	Requests, Limits *Amounts
	// Details are what the full summary of the kubelet has. They come in records of their own, once for each reading, in which nothing else is known but
	// Start, of a node and a pod. Nil in all others; only sinks with [Needs.Details] receive them.
	Details *Details
	// Extra are the extra resources that are served.
	Extra usage.Extras
}

// IsFirst is true for the first usage of its object in an interval, and for each where the interval is 0. A record without a new rate is none: its rate follows,
// or was before. Details decide by their own times, and an end is one.
func (r *Record) IsFirst(interval time.Duration) bool {
	return interval <= 0 || r.Details != nil || r.Gone || r.Time != 0 && IsLater(interval, r.Time, r.Previous)
}

// IsLater is true for a time in Unix nanoseconds that is in a later interval than the one before, which is 0 where there was none.
func IsLater(interval time.Duration, at, previous int64) bool {
	return interval <= 0 || previous == 0 || at/int64(interval) > previous/int64(interval)
}

// Reading is a value and when the kubelet read it.
type Reading struct {
	Value uint64
	// Time is 0 where the value is not known.
	Time int64
}

// Amounts are what is requested, or the limits, of containers. 0 is none.
type Amounts struct {
	// CPU is in millicores.
	CPU uint64
	// Memory is in bytes.
	Memory uint64
}

// Add adds other amounts to these.
func (a *Amounts) Add(other Amounts) {
	a.CPU += other.CPU
	a.Memory += other.Memory
}

// DetailTimes are times of details.
type DetailTimes struct{ Memory, Network, Filesystem, Logs int64 }

// Newest is the latest of them; 0 where there is none.
func (t DetailTimes) Newest() int64 { return max(t.Memory, t.Network, t.Filesystem, t.Logs) }

// Times are those of the readings, each of them 0 where it is not known.
func (d *Details) Times() DetailTimes {
	return DetailTimes{d.MemoryUsage.Time, max(d.Received.Time, d.Sent.Time), max(d.Filesystem.Time, d.FilesystemLimit.Time), max(d.Logs.Time, d.LogsLimit.Time)}
}

// Details are the readings that only the full summary has.
type Details struct {
	// Previous are the times of those that were exported before of the same object; 0 for none.
	Previous DetailTimes
	// MemoryUsage is the memory in use with all caches, in bytes.
	MemoryUsage Reading
	// Received and Sent are the bytes of the network since Start; the two rates are in bytes per second over the time since the reading before, and not
	// known in the first one.
	Received, Sent         Reading
	ReceivedRate, SentRate float64
	// RateTime is the time of the two rates; 0 where they are not known.
	RateTime int64
	// Filesystem is what is used, and FilesystemLimit what there is, in bytes: of the root file system of a node, of the writable layer of a container, and
	// of everything that counts as the ephemeral storage of a pod.
	Filesystem, FilesystemLimit Reading
	// Logs are those of a container, in bytes, and LogsLimit what their file system has.
	Logs, LogsLimit Reading
}
