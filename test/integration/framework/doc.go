// Package framework tests the test framework itself on the real programs: the control plane that it starts, and the clusters, of which several run at once.
package framework
