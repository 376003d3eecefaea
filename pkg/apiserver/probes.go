package apiserver

import "strings"

// isProbe is true of the three paths that need no right, and that the kubelet and load balancers request.
func isProbe(path string) bool {
	return path == "/livez" || path == "/readyz" || path == "/healthz"
}

// isBelowProbe is true of the paths of health checks, also of single ones.
func isBelowProbe(path string) bool {
	return strings.HasPrefix(path, "/livez") || strings.HasPrefix(path, "/readyz") || strings.HasPrefix(path, "/healthz")
}
