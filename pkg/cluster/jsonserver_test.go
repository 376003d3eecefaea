package cluster

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// jsonServer is an API server that serves JSON only. It serves one node, and pods in two pages.
type jsonServer struct {
	t *testing.T
	// refuses has it return 406 to clients that do not accept JSON; otherwise it sends them JSON.
	refuses bool

	// mu guards what follows.
	mu sync.Mutex
	// lists are the formats that were accepted for lists of pods, with the page that was requested.
	lists []string
}

// ServeHTTP implements http.Handler.
func (s *jsonServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query, kind := r.URL.Query(), strings.TrimPrefix(r.URL.Path, "/api/v1/")
	accepted := r.Header.Get("Accept")
	if kind == "pods" && query.Get("watch") == "" {
		s.mu.Lock()
		s.lists = append(s.lists, accepted+" "+query.Get("continue"))
		s.mu.Unlock()
	}
	if s.refuses && !strings.Contains(accepted, runtime.ContentTypeJSON) {
		http.Error(w, "only application/json is served", http.StatusNotAcceptable)
		return
	}
	w.Header().Set("Content-Type", runtime.ContentTypeJSON)
	switch {
	case query.Get("sendInitialEvents") != "":
		w.WriteHeader(http.StatusUnprocessableEntity)
		s.write(w, &metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
			Reason: metav1.StatusReasonInvalid, Code: http.StatusUnprocessableEntity, Message: "sendInitialEvents is forbidden",
		})
	case query.Get("watch") != "":
		s.watch(w, r, kind)
	case kind == "nodes":
		s.write(w, &corev1.NodeList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}, Items: []corev1.Node{{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}}})
	case query.Get("continue") == "":
		s.write(w, &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1", Continue: "more"}, Items: []corev1.Pod{*fullPod("ns", "a", "n1"), *busyPod()}})
	default:
		s.write(w, &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}, Items: []corev1.Pod{*fullPod("ns", "z", "n1")}})
	}
}

// watch sends one pod that is new, and then nothing.
func (s *jsonServer) watch(w http.ResponseWriter, r *http.Request, kind string) {
	if kind == "pods" {
		pod := fullPod("ns", "new", "n1")
		pod.TypeMeta = metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}
		s.write(w, metav1.WatchEvent{Type: "ADDED", Object: runtime.RawExtension{Object: pod}})
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		s.t.Error(err)
	}
	<-r.Context().Done()
}

func (s *jsonServer) write(w http.ResponseWriter, object any) {
	switch list := object.(type) {
	case *corev1.NodeList:
		list.TypeMeta = metav1.TypeMeta{Kind: "NodeList", APIVersion: "v1"}
	case *corev1.PodList:
		list.TypeMeta = metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}
	}
	_ = json.NewEncoder(w).Encode(object) // A client that is gone is none of the test's business.
}

// noHandler is not interested in nodes.
type noHandler struct{}

func (noHandler) Set(*Node)     {}
func (noHandler) Remove(string) {}

// TestAPIServerWithJSONOnly has one that refuses protobuf and one that sends JSON in its place.
func TestAPIServerWithJSONOnly(t *testing.T) {
	for name, refuses := range map[string]bool{"406": true, "JSON in place of protobuf": false} {
		t.Run(name, func(t *testing.T) {
			server := &jsonServer{t: t, refuses: refuses}
			c := New(clientOf(t, server.ServeHTTP), labels.Everything(), noHandler{}, Options{})
			done := make(chan error, 1)
			go func() { done <- c.Start(t.Context()) }()
			t.Cleanup(func() {
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
			await(t, "the cluster", c.Synced)
			await(t, "the pod that is new", func() bool { _, ok := c.Pods().Get("ns", "new"); return ok })
			var names []string
			for _, pod := range podsOf(t, c.Pods(), "", labels.Everything()) {
				names = append(names, pod.Name)
			}
			if diff := cmp.Diff([]string{"a", "busy", "new", "z"}, names); diff != "" {
				t.Errorf("pods (-want +got):\n%s", diff)
			}
			both := runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
			server.mu.Lock()
			defer server.mu.Unlock()
			if diff := cmp.Diff([]string{runtime.ContentTypeProtobuf + " ", both + " ", both + " more"}, server.lists); diff != "" {
				t.Errorf("requested lists (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPageOfAProxyIsNotRemembered has a server that is no API server respond once.
func TestPageOfAProxyIsNotRemembered(t *testing.T) {
	requests := 0
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests <= 2 {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>down for maintenance</html>"))
			return
		}
		_, _ = w.Write(encoded(t, somePods())) // Neither does it matter who reads it.
	})
	lister := &podLister{client: client}
	if list, err := lister.list(t.Context(), metav1.ListOptions{}); err == nil {
		t.Errorf("the page was taken for the list %v", list)
	}
	if _, err := lister.list(t.Context(), metav1.ListOptions{}); err != nil || requests != 3 {
		t.Errorf("%d requests, the last one's error %v", requests, err)
	}
}
