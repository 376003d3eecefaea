package apiserver_test

import (
	"net/http"
	"testing"
)

// TestEncodedObjectIsCachedUntilItChanges reads the same objects again and again while they and their usage change, and compares with what the library
// writes at that moment. An object was encoded anew where the address of its encoding changed.
func TestEncodedObjectIsCachedUntilItChanges(t *testing.T) {
	steps := []struct {
		name   string
		change func(*storedCluster)
		anew   bool
	}{
		{"another reader", func(*storedCluster) {}, false},
		{"other labels", func(c *storedCluster) { c.relabel("red") }, true},
		{"other usage", func(c *storedCluster) { c.scrape(5) }, true},
		{"both", func(c *storedCluster) { c.scrape(9); c.relabel("green") }, true},
		{"a failed scrape", func(c *storedCluster) { c.Fail("n1") }, false},
	}
	for resource, paths := range map[string][]string{
		"pods":  {"v1/namespaces/shop/pods/web", "v1beta1/namespaces/shop/pods/web", "v1/pods", "v1beta1/namespaces/shop/pods"},
		"nodes": {"v1/nodes/n1", "v1beta1/nodes/n1", "v1/nodes", "v1beta1/nodes"},
	} {
		for format, accept := range map[string]string{"JSON": asJSON, "protobuf": asProtobuf} {
			c := newStoredCluster()
			config := fakeCluster{}.config()
			config.Extra.Home = c.readers()
			own, library := handler(t, config), libraryHandler(t, c.readers())
			read := func(t *testing.T) {
				t.Helper()
				for _, path := range paths {
					want := get(t.Context(), library, apisMetrics+path, accept)
					if want.Code != http.StatusOK {
						t.Fatalf("%s: %d %s", path, want.Code, want.Body)
					}
					compareAnswers(t, want, get(t.Context(), own, apisMetrics+path, accept))
				}
			}
			read(t)
			for _, step := range steps {
				t.Run(resource+" in "+format+" after "+step.name, func(t *testing.T) {
					before := c.cached(resource, accept)
					step.change(c)
					if cached := c.cached(resource, accept); step.anew && cached != nil {
						t.Errorf("the new object is cached before it was read: %q", cached)
					}
					read(t)
					after := c.cached(resource, accept)
					if before == nil || after == nil {
						t.Fatalf("cached before: %q, and after: %q", before, after)
					}
					if anew := &before[0] != &after[0]; anew != step.anew {
						t.Errorf("encoded anew: %t", anew)
					}
				})
			}
		}
	}
}
