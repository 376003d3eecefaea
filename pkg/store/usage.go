package store

import "time"

// NodeUsage is what a node used, ready to be served.
type NodeUsage struct {
	// Time is the end of the window, by the kubelet's clock.
	Time time.Time
	// Window is what the CPU rate is an average of.
	Window time.Duration
	// CPU is in nanocores.
	CPU uint64
	// Memory is the working set in bytes.
	Memory uint64
	// Swap is the swap space in use in bytes, where HasSwap.
	Swap    uint64
	HasSwap bool
	// Disk is the local disk space in use in bytes, where HasDisk.
	Disk    uint64
	HasDisk bool
	// Generation is the store's generation in which this answer appeared.
	Generation uint64
}

// PodUsage is what a whole pod used, ready to be served. It is immutable and shared: nobody writes to Containers.
type PodUsage struct {
	// Node is the name of the node that tells it.
	Node string
	// Time is the oldest end among the containers' windows, by the kubelet's clock.
	Time time.Time
	// Window is the longest among the containers.
	Window time.Duration
	// Containers are every one that should have numbers, in the order of the pod's own object; never empty.
	Containers []ContainerUsage
	// Generation is the store's generation in which this answer appeared.
	Generation uint64
}

// ContainerUsage is what one container used.
type ContainerUsage struct {
	Name string
	// CPU is in nanocores.
	CPU uint64
	// Memory is the working set in bytes.
	Memory uint64
	// Swap is the swap space in use in bytes, where HasSwap, Disk the local disk space, where HasDisk.
	Swap, Disk       uint64
	HasSwap, HasDisk bool
}
