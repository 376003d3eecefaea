package cluster

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// clientOf is a client of an API server that responds as given.
func clientOf(t *testing.T, respond http.HandlerFunc) kubernetes.Interface {
	t.Helper()
	server := httptest.NewServer(respond)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestListPodsStripsWhatArrives(t *testing.T) {
	var request string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		request = r.URL.String() + " " + r.Header.Get("Accept") + " " + r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		defer packed.Close()
		if _, err := packed.Write(encoded(t, somePods())); err != nil {
			t.Error(err)
		}
	})
	got, err := (&podLister{client: client}).list(t.Context(), metav1.ListOptions{ResourceVersion: "0", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	if want := "/api/v1/pods?limit=500&resourceVersion=0 " + runtime.ContentTypeProtobuf + " gzip"; request != want {
		t.Errorf("the request is %q, want %q", request, want)
	}
	items, err := meta.ExtractListWithAlloc(got)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, item := range items {
		pod := item.(wrapper[*Pod]).object
		names = append(names, pod.Namespace+"/"+pod.Name+"@"+pod.Node)
	}
	if diff := cmp.Diff([]string{"ns/a@n1", "ns/b@n2", "other/a@n1", "ns/busy@n3"}, names); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	list, err := meta.ListAccessor(got)
	if err != nil || list.GetResourceVersion() != "42" || list.GetContinue() != "more" {
		t.Errorf("the list's own: %v, error %v", list, err)
	}
}

// TestListPodsKeepsTheReasonOfTheError has the API server lose the beginning of a page: the library begins again where it recognizes that error.
func TestListPodsKeepsTheReasonOfTheError(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", runtime.ContentTypeJSON)
		w.WriteHeader(http.StatusGone)
		if _, err := w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}`)); err != nil {
			t.Error(err)
		}
	})
	if _, err := (&podLister{client: client}).list(t.Context(), metav1.ListOptions{}); !apierrors.IsResourceExpired(err) {
		t.Errorf("got %v", err)
	}
}

// TestListPodsInPagesAfterACut breaks a response off, as the API server does with one that takes too long.
func TestListPodsInPagesAfterACut(t *testing.T) {
	var requests []string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.URL.RawQuery)
		text := encoded(t, somePods())
		if len(requests) == 1 {
			text = text[:len(text)/2]
		}
		_, _ = w.Write(text) // A client that is gone is none of the test's business.
	})
	lister := &podLister{client: client}
	if _, err := lister.list(t.Context(), metav1.ListOptions{ResourceVersion: "0"}); err == nil {
		t.Error("half a list was taken for a complete one")
	}
	for _, o := range []metav1.ListOptions{{ResourceVersion: "0"}, {Limit: 500, Continue: "more"}} {
		if _, err := lister.list(t.Context(), o); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"resourceVersion=0", "limit=500", "continue=more&limit=500"}, requests); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
}

type podName struct{ namespace, name string }

// TestPodsComeInPages lists from an API server without a cache, which gives its pods in two pages.
func TestPodsComeInPages(t *testing.T) {
	first, second := somePods(), &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "43"}, Items: []corev1.Pod{*fullPod("ns", "z", "n1")}}
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		switch query := r.URL.Query(); {
		case r.URL.Path != "/api/v1/pods":
			http.NotFound(w, r)
		case query.Get("watch") != "":
			<-r.Context().Done()
		case query.Get("continue") == "more":
			_, _ = w.Write(encoded(t, second)) // A client that is gone is none of the test's business.
		default:
			_, _ = w.Write(encoded(t, first))
		}
	})
	pods := newPods()
	informer := newInformer(Strip, pods)
	go informer.newReflector(podListWatch(client, Options{}), "pods").RunWithContext(t.Context())
	await(t, "the pods", func() bool { return isClosed(informer.synced) })
	for _, name := range []podName{{"ns", "a"}, {"ns", "b"}, {"other", "a"}, {"ns", "z"}} {
		if _, ok := pods.Get(name.namespace, name.name); !ok {
			t.Errorf("there is no %v", name)
		}
	}
}
