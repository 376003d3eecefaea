package apiserver_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Every type that is served has its schema in both forms, under the names that the aggregator merges by.
func TestOpenAPI(t *testing.T) {
	h := handler(t, fakeCluster{notReady: errCold}.config())
	kinds := []string{"NodeMetrics", "NodeMetricsList", "PodMetrics", "PodMetricsList", "ContainerMetrics"}
	for path, versions := range map[string][]string{
		"/openapi/v2":                             {"v1", "v1beta1"},
		"/openapi/v3/apis/metrics.k8s.io/v1":      {"v1"},
		"/openapi/v3/apis/metrics.k8s.io/v1beta1": {"v1beta1"},
	} {
		t.Run(path, func(t *testing.T) {
			response := get(t.Context(), h, path, asJSON)
			var spec struct {
				Info        struct{ Title string }
				Definitions map[string]any
				Components  struct{ Schemas map[string]any }
			}
			if err := json.Unmarshal(response.Body.Bytes(), &spec); err != nil || response.Code != http.StatusOK {
				t.Fatalf("%d %v", response.Code, err)
			}
			if spec.Info.Title != "Plimsoll" {
				t.Errorf("title is %q", spec.Info.Title)
			}
			for _, version := range versions {
				for _, kind := range kinds {
					name := "io.k8s.metrics.pkg.apis.metrics." + version + "." + kind
					if spec.Definitions[name] == nil && spec.Components.Schemas[name] == nil {
						t.Errorf("no model %s", name)
					}
				}
			}
		})
	}
}
