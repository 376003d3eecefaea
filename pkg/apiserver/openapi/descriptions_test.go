package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/plimsoll/plimsoll/pkg/apiserver/openapi"
)

// TestOnlyDescriptionsDiffer compares the described definitions with those that are generated. A description is replaced only of a field that
// there is, and nothing else is changed: the schema is the API's.
func TestOnlyDescriptionsDiffer(t *testing.T) {
	ref := func(path string) spec.Ref { return spec.MustCreateRef(path) }
	generated, described := openapi.GetOpenAPIDefinitions(ref), openapi.GetDescribedDefinitions(ref)
	var differ []string
	for name, definition := range described {
		want, got := withoutDescriptions(generated[name].Schema), withoutDescriptions(definition.Schema)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b spec.Ref) bool { return a.String() == b.String() })); diff != "" {
			t.Errorf("%s (-generated +described):\n%s", name, diff)
		}
		if definition.Schema.Description != generated[name].Schema.Description {
			differ = append(differ, name)
		}
	}
	if len(described) != len(generated) || len(differ) != 6 {
		t.Errorf("%d of %d definitions are described: %q", len(differ), len(generated), differ)
	}
	for _, name := range differ {
		for field, schema := range described[name].Schema.Properties {
			if schema.Description == "" {
				t.Errorf("%s of %s has no description", field, name)
			}
			if field == "usage" && !strings.Contains(schema.Description, "nanocores") {
				t.Errorf("%s of %s has no unit: %s", field, name, schema.Description)
			}
		}
	}
}

func withoutDescriptions(s spec.Schema) spec.Schema {
	s.Description = ""
	properties := map[string]spec.Schema{}
	for name, p := range s.Properties {
		p.Description = ""
		properties[name] = p
	}
	s.Properties = properties
	return s
}
