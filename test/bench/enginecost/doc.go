// Package enginecost compares what a real Prometheus spends on Plimsoll's queries with what it spends on those of prometheus-adapter, whose queries are
// replayed: `go test -run '^$' -bench Engine ./test/bench/enginecost`, which takes some eight minutes.
package enginecost
