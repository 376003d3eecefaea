package apiserver_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The library's check of the log flusher, once for the process.
		goleak.IgnoreAnyFunction("k8s.io/apimachinery/pkg/util/wait.Forever"),
		// The library leaves this behind when it cannot listen, which ends the process.
		goleak.IgnoreTopFunction("k8s.io/apiserver/pkg/server.preparedGenericAPIServer.RunWithContext.func4"))
}

var (
	created = time.Date(2026, 8, 21, 9, 0, 0, 0, time.UTC)
	sampled = time.Date(2026, 8, 21, 10, 0, 5, 0, time.UTC)
)

// fakeCluster is a cluster of two nodes. The kubelet of node n2 does not respond, so neither the node nor its pod has usage.
type fakeCluster struct{ notReady error }

var errCold = errors.New("0 of 2 nodes have been scraped")

func (fakeCluster) nodes() []*cluster.Node {
	nodes := []*corev1.Node{
		{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "uid-n1", CreationTimestamp: metav1.NewTime(created), Labels: map[string]string{"zone": "z1"}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "n2", UID: "uid-n2", CreationTimestamp: metav1.NewTime(created)}},
	}
	n1, n2 := cluster.StripNode(nodes[0]), cluster.StripNode(nodes[1])
	n1.Usage.Publish(&usage.Node{Time: sampled, Window: 15 * time.Second, CPU: 1_250_000_001, Memory: 3 << 30, ResourceVersion: 5}, fresh())
	return []*cluster.Node{n1, n2}
}

func (fakeCluster) pods() []*cluster.Pod {
	pod := func(namespace, name, node string) *cluster.Pod {
		p := &cluster.Pod{
			Namespace: namespace, Name: name, UID: "uid-" + name, Created: uint32(created.Unix()),
			Labels: cluster.NewLabels(map[string]string{"app": name}),
			Node:   node, Phase: corev1.PodRunning, Expected: []string{name}, Usage: &usage.PodCell{},
		}
		if node == "n1" {
			p.Usage.Publish(usedBy(name), fresh())
		}
		return p
	}
	return []*cluster.Pod{pod("office", "mail", "n1"), pod("shop", "db", "n1"), pod("shop", "lost", "n2"), pod("shop", "web", "n1")}
}

type fakeNodes struct{ fakeCluster }

func (w fakeNodes) List(_ context.Context, selector labels.Selector) ([]*cluster.Node, error) {
	return slices.DeleteFunc(w.nodes(), func(n *cluster.Node) bool { return !selector.Matches(n.Labels) }), nil
}

func (w fakeNodes) Get(name string) (*cluster.Node, bool) {
	return first(w.nodes(), func(n *cluster.Node) bool { return n.Name == name })
}

type fakePods struct{ fakeCluster }

func (w fakePods) List(_ context.Context, namespace string, selector labels.Selector, _ cache.ObjectName, _ int) ([]*cluster.Pod, error) {
	return slices.DeleteFunc(w.pods(), func(p *cluster.Pod) bool {
		return namespace != "" && p.Namespace != namespace || !selector.Matches(p.Labels)
	}), nil
}

func (w fakePods) Get(namespace, name string) (*cluster.Pod, bool) {
	return first(w.pods(), func(p *cluster.Pod) bool { return p.Namespace == namespace && p.Name == name })
}

func usedBy(name string) *usage.Pod {
	containers := []usage.Container{{Name: name, CPU: 12_345_678, Memory: 64 << 20}}
	if name == "web" {
		containers = append(containers, usage.Container{Name: "proxy", CPU: 1_000_000, Memory: 8 << 20})
	}
	return &usage.Pod{Node: "n1", Time: sampled, Window: 13402 * time.Millisecond, Containers: containers, ResourceVersion: 5}
}

func (w fakeCluster) Ready() error { return w.notReady }
func (fakeCluster) Expired() error { return nil }

// fresh is the freshness of all usage in these tests, and reader a reader for which it does not grow old.
func fresh() usage.Freshness { return usage.Freshness{Seen: 1, Advanced: 1} }

func reader() *usage.Reader {
	return usage.NewReader(usage.Staleness{}, func() time.Time { return sampled }, func() uint64 { return 7 })
}

type nodeMessages struct{ fakeCluster }

func (nodeMessages) Node(name string) string {
	return "the kubelet of " + name + " refuses connections"
}

type podMessages struct{ fakeCluster }

func (podMessages) Pod(p *cluster.Pod) string {
	return "node " + p.Node + " has not been scraped for 1m20s"
}

func first[T any](all []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return found, false
}

// config is a configuration that allows every request.
func (w fakeCluster) config() *apiserver.Config {
	generic := genericapiserver.NewRecommendedConfig(apiserver.Codecs)
	generic.ExternalAddress = "127.0.0.1:443"
	generic.LoopbackClientConfig = &rest.Config{}
	generic.Authentication.Authenticator = anonymous.NewAuthenticator(nil)
	generic.Authorization.Authorizer = authorizerfactory.NewAlwaysAllowAuthorizer()
	return &apiserver.Config{Generic: generic, Extra: apiserver.ExtraConfig{Home: w.readers()}}
}

func (w fakeCluster) readers() *apiserver.Readers {
	return &apiserver.Readers{
		Usage: reader(), Nodes: fakeNodes{w}, NodeMessages: nodeMessages{w}, Pods: fakePods{w}, PodMessages: podMessages{w},
	}
}

func handler(t *testing.T, config *apiserver.Config) http.Handler {
	t.Helper()
	server, err := config.Complete().New("test")
	if err != nil {
		t.Fatal(err)
	}
	return server.Handler()
}

// get requests a path in a content type and returns the response.
func get(ctx context.Context, h http.Handler, path, accept string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs; if the change is meant, run the test with -update:\n%s", file, cmp.Diff(string(want), string(got)))
	}
}
