// Package observe measures what the other parties see while one of them, or the world, misbehaves: how old usage is, how long an autoscaler's calls
// take, whether probes are answered, what Plimsoll's own metrics count, and what its process takes of memory and CPU time.
//
// An [Observer] is one of these parties. [Run] lets some of them send requests until a context ends, and returns an [Observation], which is compared
// with [Bounds] and with an observation of the same server without the fault. The package keeps no state, and knows neither tests nor faults.
package observe
