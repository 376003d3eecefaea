package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// TestStatusPages requests the pages about the process and its nodes, as a client that may and as one that may not.
func TestStatusPages(t *testing.T) {
	admin, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := env.Server.ConfigFor("stranger")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/debug/nodes": `"node":"` + env.Fleet.Nodes()[0] + `"`, "/flagz": "metric-resolution", "/statusz": "Binary version",
	} {
		if code, body, err := cluster.Get(t.Context(), admin, path); err != nil || code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, %v, want %q in\n%.2000s", path, code, err, want, body)
		}
		if code, body, err := cluster.Get(t.Context(), stranger, path); err != nil || code != http.StatusForbidden || strings.Contains(body, want) {
			t.Errorf("%s without a right: %d, %v, %.300s", path, code, err, body)
		}
	}
}
