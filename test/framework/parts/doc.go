// Package parts builds the programs of a Kubernetes control plane, of a node, and what Plimsoll is measured beside from Go modules and keeps them in a cache.
//
// It needs Go and a module proxy, nothing else. Each sub-folder is a Go module of its own, so that what these programs
// require stays out of Plimsoll's go.mod; its go.mod is the one place where their versions are written, and its tool
// lines keep what the build needs through go mod tidy. The cache is $PLIMSOLL_CACHE, or the folder "plimsoll" in the
// user's cache folder. Packages controlplane and realnode start what is built here.
//
// To move to another Kubernetes, change its version in kubernetes/go.mod together with that of the staging modules in the
// replace lines (v1.37.2 goes with v0.37.2), and run go mod tidy there.
package parts
