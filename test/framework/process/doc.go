// Package process runs one program with a log of its own, watches whether it becomes ready, and ends just that program.
//
// The control plane and the clusters of the tests start all of their programs as a Process.
package process
