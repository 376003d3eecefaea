// Package sinkcost measures what sinks, and an engine as a source, cost a whole server: CPU time and resident memory of its process beside those of a server
// that scrapes the same kubelets and has neither. `go test -run '^$' -bench Server -timeout 1h ./test/bench/sinkcost` takes some eight minutes;
// NODES and PODS in the environment change the size of the fleet. BenchmarkEncode compares the encoders alone.
package sinkcost
