package apiserver_test

import (
	"bytes"
	"net/http"
	"testing"

	"k8s.io/klog/v2"
)

// TestReadsLogNothing reads objects that exist and objects that do not, many times over.
func TestReadsLogNothing(t *testing.T) {
	h := handler(t, fakeCluster{}.config())
	restore := klog.CaptureState()
	defer restore.Restore()
	var log bytes.Buffer
	klog.LogToStderr(false)
	klog.SetOutput(&log)
	for path, want := range map[string]int{
		"v1/nodes":                     http.StatusOK,
		"v1/nodes/n2":                  http.StatusNotFound,
		"v1beta1/pods":                 http.StatusOK,
		"v1/namespaces/shop/pods/web":  http.StatusOK,
		"v1/namespaces/shop/pods/lost": http.StatusNotFound,
		"v1/namespaces/shop/pods/none": http.StatusNotFound,
		"v1/pods?fieldSelector=a%3Db":  http.StatusBadRequest,
	} {
		for range 10 {
			if response := get(t.Context(), h, apisMetrics+path, asJSON); response.Code != want {
				t.Errorf("GET %s: %d, want %d", path, response.Code, want)
			}
		}
	}
	klog.Flush()
	if log.Len() > 0 {
		t.Errorf("reading logged:\n%s", log.String())
	}
}
