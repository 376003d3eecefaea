package apiserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

func TestUnsupportedMethodsAreCounted(t *testing.T) {
	registry := metrics.NewKubeRegistry()
	config := guardedConfig()
	var err error
	if config.Extra.Metrics, err = apiserver.NewMetrics(registry.Register); err != nil {
		t.Fatal(err)
	}
	h := handlerWith(t, config, nil)
	for _, tt := range []struct {
		method, user string
		code         int
	}{
		{http.MethodGet, "autoscaler", http.StatusOK},
		{http.MethodPost, "autoscaler", http.StatusMethodNotAllowed},
		{"MADEUP", "autoscaler", http.StatusMethodNotAllowed},
		{http.MethodDelete, "", http.StatusForbidden}, // Counted as unauthorized.
	} {
		request := httptest.NewRequestWithContext(t.Context(), tt.method, apisMetrics+"v1/pods", nil)
		request.Header.Set("X-Test-User", tt.user)
		response := httptest.NewRecorder()
		h.ServeHTTP(response, request)
		if response.Code != tt.code {
			t.Errorf("%s of %q: code %d, want %d", tt.method, tt.user, response.Code, tt.code)
		}
	}
	counted, err := testutil.GetCounterValuesFromGatherer(registry, "plimsoll_requests_refused_total", nil, "reason")
	if diff := cmp.Diff(map[string]float64{"unsupported_method": 2}, counted); diff != "" || err != nil {
		t.Errorf("counted: %v %s", err, diff)
	}
}
