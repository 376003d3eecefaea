package apiserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// watchedReaders are those of a stored cluster, with watches that run until the test ends.
func watchedReaders(t *testing.T, c *storedCluster) *apiserver.Readers {
	t.Helper()
	known := make(chan struct{})
	close(known)
	source := watchcache.Source{Observe: c.Observe, Version: c.Reader().ResourceVersion, Known: known, Resolution: 15 * time.Second}
	r := c.readers()
	r.NodeWatches, r.PodWatches = nodemetrics.NewWatchCache(r.Nodes, source), podmetrics.NewWatchCache(r.Pods, source)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = r.NodeWatches.Start(ctx) })
	running.Go(func() { _ = r.PodWatches.Start(ctx) })
	t.Cleanup(running.Wait)
	t.Cleanup(cancel)
	return r
}

// listen has a server listen until the test ends.
func listen(t *testing.T, config *apiserver.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler(t, config))
	t.Cleanup(server.Close)
	return server
}

// TestWatchInEveryForm compares the first event of a watch, in every form of JSON, with the response to a GET in the same form.
func TestWatchInEveryForm(t *testing.T) {
	config := fakeCluster{}.config()
	config.Extra.Home = watchedReaders(t, newStoredCluster())
	server := listen(t, config)
	for form, accept := range forms() {
		if strings.Contains(form, "protobuf") || strings.Contains(form, "list") || form == "YAML" {
			continue
		}
		for path, object := range map[string]string{"v1/nodes": "v1/nodes/n1", "v1beta1/namespaces/shop/pods": "v1beta1/namespaces/shop/pods/web"} {
			t.Run(form+" "+path, func(t *testing.T) {
				one := readJSON(t, server, object, accept)
				var e struct {
					Type   string
					Object json.RawMessage
				}
				if err := json.Unmarshal(readJSON(t, server, path+"?watch=true", accept), &e); err != nil {
					t.Fatal(err)
				}
				if e.Type != "ADDED" || string(e.Object) != string(one) {
					t.Errorf("%s\n%s\nwant\n%s", e.Type, e.Object, one)
				}
			})
		}
	}
}

// readJSON is readFrom for a path of the home cluster.
func readJSON(t *testing.T, server *httptest.Server, path, accept string) json.RawMessage {
	t.Helper()
	return readFrom(t, server, apisMetrics+path, accept)
}

// readFrom returns the first value of a response, without space.
func readFrom(t *testing.T, server *httptest.Server, path, accept string) json.RawMessage {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var value any
	if err := json.NewDecoder(response.Body).Decode(&value); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %v", response.StatusCode, err, value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestClientWatches has the library's client watch, in both encodings and versions, while the usage and the labels change.
func TestClientWatches(t *testing.T) {
	for _, format := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		t.Run(format, func(t *testing.T) {
			c := newStoredCluster()
			config := fakeCluster{}.config()
			config.Extra.Home = watchedReaders(t, c)
			client, err := metricsclient.NewForConfig(&rest.Config{Host: listen(t, config).URL, ContentConfig: rest.ContentConfig{ContentType: format}})
			if err != nil {
				t.Fatal(err)
			}
			all := metav1.ListOptions{AllowWatchBookmarks: true}
			pods, err := client.MetricsV1().PodMetricses("shop").Watch(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			defer pods.Stop()
			nodes, err := client.MetricsV1beta1().NodeMetricses().Watch(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=n1"})
			if err != nil {
				t.Fatal(err)
			}
			defer nodes.Stop()
			none, err := client.MetricsV1().PodMetricses("shop").Watch(t.Context(), metav1.ListOptions{LabelSelector: "color=red"})
			if err != nil {
				t.Fatal(err)
			}
			defer none.Stop()
			wantEvents(t, pods, "ADDED web", "BOOKMARK ")
			wantEvents(t, nodes, "ADDED n1")
			c.scrape(3)
			wantEvents(t, pods, "MODIFIED web")
			wantEvents(t, nodes, "MODIFIED n1")
			c.relabel("red")
			c.PodChanged("n1", "shop", "web", "uid-web")
			wantEvents(t, pods, "MODIFIED web")
			wantEvents(t, none, "ADDED web")
			c.PodDeleted("n1", "shop", "web", "uid-web")
			wantEvents(t, pods, "DELETED web")
			wantEvents(t, none, "DELETED web")
		})
	}
}

func wantEvents(t *testing.T, w watch.Interface, want ...string) {
	t.Helper()
	for _, want := range want {
		select {
		case e, ok := <-w.ResultChan():
			o, isObject := e.Object.(metav1.Object)
			if !ok || !isObject || string(e.Type)+" "+o.GetName() != want || o.GetResourceVersion() == "" {
				t.Fatalf("got %s %+v, %t, want %s", e.Type, e.Object, ok, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no event in place of %s", want)
		}
	}
}

// TestWatchOfAnotherClusterNeedsTheVerb has watches below the path of another cluster be authorized as such.
func TestWatchOfAnotherClusterNeedsTheVerb(t *testing.T) {
	config := withWest(fakeCluster{}.readers())
	config.Extra.Clusters[1].Readers = *watchedReaders(t, newStoredCluster())
	var mu sync.Mutex
	var verbs []string
	config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
		mu.Lock()
		defer mu.Unlock()
		verbs = append(verbs, a.GetVerb())
		return authorizer.DecisionAllow, "", nil
	})
	server := listen(t, config)
	for _, path := range []string{"v1/nodes", "v1/nodes?watch=true", "v1/nodes?watch=true&fieldSelector=metadata.name%3Dn1", "v1/nodes/n1"} {
		readFrom(t, server, "/clusters/east/apis/metrics.k8s.io/"+path, asJSON)
	}
	if got := strings.Join(verbs, " "); got != "get watch watch get" {
		t.Errorf("the verbs are %s", got)
	}
}
