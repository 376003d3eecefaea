package apiserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"k8s.io/metrics/pkg/client/clientset/versioned"
)

const (
	asTable     = "application/json;as=Table;v=v1;g=meta.k8s.io"
	asMetadata  = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
	asProtobuf  = "application/vnd.kubernetes.protobuf"
	apisMetrics = "/apis/metrics.k8s.io/"
)

// What is on the wire, to the byte, and the same twice.
func TestAnswers(t *testing.T) {
	h := handler(t, fakeCluster{}.config())
	tests := []struct{ name, path, accept string }{
		{"node-v1.json", "v1/nodes/n1", asJSON},
		{"node-v1beta1.json", "v1beta1/nodes/n1", asJSON},
		{"nodes-v1.json", "v1/nodes", asJSON},
		{"pod-v1.json", "v1/namespaces/shop/pods/web", asJSON},
		{"pods-v1beta1.json", "v1beta1/pods", asJSON},
		{"nodes-table.json", "v1/nodes", asTable},
		{"pod-table.json", "v1/namespaces/shop/pods/web", asTable},
		{"pods-table.json", "v1beta1/pods", asTable},
		{"pods-page-table.json", "v1/pods?limit=1&includeObject=Object", asTable},
		{"pods-page.json", "v1/namespaces/shop/pods?limit=1", asJSON},
		{"pods-metadata.json", "v1/pods", asMetadata},
		{"pods-none.json", "v1/namespaces/empty/pods", asJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			once := get(t.Context(), h, apisMetrics+tt.path, tt.accept)
			twice := get(t.Context(), h, apisMetrics+tt.path, tt.accept)
			if once.Code != http.StatusOK {
				t.Fatalf("GET %s: %d %s", tt.path, once.Code, once.Body)
			}
			if !bytes.Equal(once.Body.Bytes(), twice.Body.Bytes()) {
				t.Errorf("two reads differ:\n%s\n%s", once.Body, twice.Body)
			}
			golden(t, tt.name, indented(t, once.Body.Bytes()))
		})
	}
}

// The typed clients of both versions read the same usage from protobuf as from JSON.
func TestTypedClients(t *testing.T) {
	server := httptest.NewServer(handler(t, fakeCluster{}.config()))
	defer server.Close()
	for _, contentType := range []string{asJSON, asProtobuf} {
		t.Run(contentType, func(t *testing.T) {
			config := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{
				ContentType: contentType, AcceptContentTypes: contentType}}
			client, err := versioned.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			options := metav1.ListOptions{LabelSelector: "app=web"}
			v1, err := client.MetricsV1().PodMetricses("shop").List(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			v1beta1, err := client.MetricsV1beta1().PodMetricses("shop").List(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range []string{summary(v1.Items[0]), summary(metricsv1.PodMetrics{
				ObjectMeta: v1beta1.Items[0].ObjectMeta, Timestamp: v1beta1.Items[0].Timestamp,
				Window: v1beta1.Items[0].Window, Containers: sameContainers(v1beta1.Items[0].Containers),
			})} {
				want := "shop/web uid-web 5 map[app:web] 2026-08-21 10:00:05 13.402s web 12345678n 64Mi proxy 1m 8Mi"
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func sameContainers(in []metricsv1beta1.ContainerMetrics) (out []metricsv1.ContainerMetrics) {
	for _, c := range in {
		out = append(out, metricsv1.ContainerMetrics{Name: c.Name, Usage: c.Usage})
	}
	return out
}

func summary(p metricsv1.PodMetrics) string {
	s := fmt.Sprintf("%s/%s %s %s %v %s %s", p.Namespace, p.Name, p.UID, p.ResourceVersion, p.Labels,
		p.Timestamp.UTC().Format("2006-01-02 15:04:05"), p.Window.Duration)
	for _, c := range p.Containers {
		s += fmt.Sprintf(" %s %s %s", c.Name, c.Usage.Cpu(), c.Usage.Memory())
	}
	return s
}

func TestProtobufIsStable(t *testing.T) {
	h := handler(t, fakeCluster{}.config())
	once := get(t.Context(), h, apisMetrics+"v1/pods", asProtobuf)
	twice := get(t.Context(), h, apisMetrics+"v1/pods", asProtobuf)
	if once.Code != http.StatusOK || once.Header().Get("Content-Type") != asProtobuf {
		t.Fatalf("%d %s", once.Code, once.Header())
	}
	if !bytes.Equal(once.Body.Bytes(), twice.Body.Bytes()) {
		t.Error("two reads differ")
	}
}

func TestSelectors(t *testing.T) {
	h := handler(t, fakeCluster{}.config())
	tests := []struct {
		path string
		want []string
	}{
		{"v1/pods?labelSelector=app%3Dweb", []string{"web"}},
		{"v1beta1/pods?labelSelector=app+notin+(web)", []string{"mail", "db"}},
		{"v1/namespaces/shop/pods?fieldSelector=metadata.name%3Ddb", []string{"db"}},
		{"v1beta1/pods?fieldSelector=spec.nodeName%3Dn1,metadata.namespace%3Dshop", []string{"db", "web"}},
		{"v1/pods?fieldSelector=spec.nodeName%21%3Dn1", nil},
		{"v1/pods?limit=2", []string{"mail", "db"}},
		{"v1/nodes?labelSelector=zone%3Dz1", []string{"n1"}},
		{"v1beta1/nodes?fieldSelector=metadata.name%3Dn2", nil},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			response := get(t.Context(), h, apisMetrics+tt.path, asJSON)
			var list metav1.PartialObjectMetadataList
			if err := json.Unmarshal(response.Body.Bytes(), &list); err != nil || response.Code != http.StatusOK {
				t.Fatalf("%d %s: %v", response.Code, response.Body, err)
			}
			var names []string
			for _, item := range list.Items {
				names = append(names, item.Name)
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Error(diff)
			}
		})
	}
}
