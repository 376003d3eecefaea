package app

import "testing"

// TestTheEnvironmentIsOfTheHomeCluster has addresses of nodes of other clusters be what this pod's API server has.
func TestTheEnvironmentIsOfTheHomeCluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	for cluster, want := range map[string]string{"": "10.96.0.1", "other": ""} {
		if got := environmentOf(cluster)("KUBERNETES_SERVICE_HOST"); got != want {
			t.Errorf("cluster %q: got %q, want %q", cluster, got, want)
		}
	}
}
