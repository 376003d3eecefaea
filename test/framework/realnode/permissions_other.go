//go:build !linux

package realnode

// checkPermissions is never called: a node runs on Linux only.
func checkPermissions() error { return nil }
