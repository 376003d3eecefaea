// Package parts builds from Go modules, and keeps in a cache, the programs that Plimsoll is tested with: those of a Kubernetes control plane and of a
// node, the server with which Plimsoll is compared, cert-manager, the engines that Plimsoll writes to and reads from, and the clients that read its API.
//
// It needs Go and a module proxy; InfluxDB and the old kubectl need apt, the JavaScript client npm. Each sub-folder is a Go module of its own, so that
// what these programs require stays out of Plimsoll's go.mod; its go.mod is the one place where their versions are written, and its tool lines keep what
// the build needs through go mod tidy. The cache is $PLIMSOLL_CACHE, or the folder "plimsoll" in the user's cache folder. Packages controlplane and
// realnode start what is built here.
//
// All programs of the control plane are in one module, whose versions are Plimsoll's own where both require a module, and are built by one go command.
// Most of their packages are then compiled once for all of them and for Plimsoll. hack/cluster.sh and hack/build.sh build with the same flags.
// cert-manager has their versions too, and a command of this repository: its own are modules that no module proxy has.
// The engines and most clients have modules of their own, which share little with the others; InfluxDB and the old kubectl are unpacked from packages of
// Debian. The JavaScript client is a folder of npm packages of a lock file.
//
// To move to another Kubernetes, change its version in controlplane/go.mod together with that of the staging modules in the replace lines (v1.37.2 goes
// with v0.37.2), and run go mod tidy there; a test says which versions differ from Plimsoll's.
package parts
