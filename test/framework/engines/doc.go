// Package engines starts the real engines that Plimsoll writes to and reads from: Prometheus, InfluxDB 1, VictoriaMetrics, the OpenTelemetry Collector and
// Thanos. Each is a process of its own on loopback, at free ports, with its data in a folder that the caller gives and removes. It is ready when its start
// returns, and is ended by its process id.
//
// The programs are parts (package parts). Where one cannot be built on this machine the error is [ErrMissing].
package engines
