package apiserver_test

import (
	"net/http"
	"testing"
)

// TestTextsAreKeptUntilSomethingChanges reads the same again and again while the objects and their numbers change, and compares with
// what the library writes at that moment. Whether a text was made anew is seen by where it is.
func TestTextsAreKeptUntilSomethingChanges(t *testing.T) {
	steps := []struct {
		name   string
		change func(*living)
		anew   bool
	}{
		{"another reader", func(*living) {}, false},
		{"other labels", func(l *living) { l.relabel("red") }, true},
		{"other numbers", func(l *living) { l.look(5) }, true},
		{"both", func(l *living) { l.look(9); l.relabel("green") }, true},
		{"a failed look", func(l *living) { l.Fail("n1") }, false},
	}
	for resource, paths := range map[string][]string{
		"pods":  {"v1/namespaces/shop/pods/web", "v1beta1/namespaces/shop/pods/web", "v1/pods", "v1beta1/namespaces/shop/pods"},
		"nodes": {"v1/nodes/n1", "v1beta1/nodes/n1", "v1/nodes", "v1beta1/nodes"},
	} {
		for format, accept := range map[string]string{"JSON": asJSON, "protobuf": asProtobuf} {
			l := newLiving()
			config := world{}.config()
			config.Extra.Home = l.readers()
			own, library := handler(t, config), libraryHandler(t, l.readers())
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
					before := l.kept(resource, accept)
					step.change(l)
					if text := l.kept(resource, accept); step.anew && text != nil {
						t.Errorf("this is kept of what is served now, which nobody has read yet: %q", text)
					}
					read(t)
					after := l.kept(resource, accept)
					if before == nil || after == nil {
						t.Fatalf("kept before: %q, and after: %q", before, after)
					}
					if anew := &before[0] != &after[0]; anew != step.anew {
						t.Errorf("the text was made anew: %t", anew)
					}
				})
			}
		}
	}
}
