package apiserver_test

import (
	"bytes"
	"net/http"
	"testing"

	"k8s.io/klog/v2"
)

// TestReadsLogNothing reads what there is and what there is not, many times over.
func TestReadsLogNothing(t *testing.T) {
	h := handler(t, world{}.config())
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
			if answer := get(t.Context(), h, apisMetrics+path, asJSON); answer.Code != want {
				t.Errorf("GET %s: %d, want %d", path, answer.Code, want)
			}
		}
	}
	klog.Flush()
	if log.Len() > 0 {
		t.Errorf("reading logged:\n%s", log.String())
	}
}
