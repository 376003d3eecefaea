package generic_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

type ship = metav1.ObjectMeta

// availability is that of ships, which are ready once notReady is nil.
type availability struct{ notReady, expired error }

func (a availability) Ready() error   { return a.notReady }
func (a availability) Expired() error { return a.expired }

// fleet returns the storage of ships. Those in dark have no usage; the usage of the others is their names.
func fleet(ships []*ship, dark string, notReady error) *generic.REST[*ship, string] {
	return &generic.REST[*ship, string]{
		Encoding: &generic.Encoding[*ship, string]{Name: "Ship"},
		Resource: schema.GroupResource{Group: "sea.example", Resource: "ships"},
		Fields:   generic.Fields[*ship]{"metadata.name": (*ship).GetName, "spec.port": (*ship).GetGenerateName},
		Key:      func(s *ship) generic.Key { return generic.Key{Namespace: s.Namespace, Name: s.Name} },
		Find: func(namespace, name string) (*ship, bool) {
			for _, s := range ships {
				if s.Namespace == namespace && s.Name == name {
					return s, true
				}
			}
			return nil, false
		},
		Select: func(_ context.Context, namespace string, selector labels.Selector, _ generic.Key, _ int) (all []*ship, _ error) {
			for _, s := range ships {
				if (namespace == "" || s.Namespace == namespace) && selector.Matches(labels.Set(s.Labels)) {
					all = append(all, s)
				}
			}
			return all, nil
		},
		Cell: func(*ship) *usage.Cell[string] { return nil },
		Read: func(s *ship) (*string, bool) {
			name := s.Namespace + "/" + s.Name
			return &name, s.Name != dark
		},
		Has:          func(s *ship) bool { return s.Name != dark },
		Namespaced:   true,
		Now:          func() time.Time { return time.UnixMicro(6) },
		Version:      func() uint64 { return 7 },
		Message:      func(s *ship) string { return s.Name + " has lost its log" },
		Availability: availability{notReady: notReady},
	}
}

var ships = []*ship{
	{Namespace: "east", Name: "a", GenerateName: "riga"},
	{Namespace: "east", Name: "c", GenerateName: "cork", Labels: map[string]string{"rig": "brig"}},
	{Namespace: "east", Name: "dark"},
	{Namespace: "west", Name: "b", GenerateName: "cork", Labels: map[string]string{"rig": "brig"}},
}

func TestGet(t *testing.T) {
	cold := errors.New("1 of 2 nodes has been scraped")
	tests := []struct {
		name            string
		namespace, ship string
		notReady        error
		want            string
		status          metav1.Status
	}{
		{"with usage", "east", "a", nil, "east/a", metav1.Status{}},
		{"with usage before it is ready", "east", "a", cold, "east/a", metav1.Status{}},
		{"in another namespace", "west", "a", nil, "", metav1.Status{
			Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
			Message: `ships.sea.example "a" not found`,
			Details: &metav1.StatusDetails{Group: "sea.example", Kind: "ships", Name: "a"},
		}},
		{"without usage", "east", "dark", nil, "", metav1.Status{
			Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
			Message: `ships.sea.example "dark" not found: dark has lost its log`,
			Details: &metav1.StatusDetails{Group: "sea.example", Kind: "ships", Name: "dark"},
		}},
		{"without usage before it is ready", "east", "dark", cold, "", metav1.Status{
			Code: http.StatusServiceUnavailable, Reason: metav1.StatusReasonServiceUnavailable,
			Message: "ships.sea.example cannot be served yet: 1 of 2 nodes has been scraped",
			Details: &metav1.StatusDetails{Group: "sea.example", Kind: "ships", Name: "dark", RetryAfterSeconds: 1},
		}},
		{"unknown before it is ready", "east", "z", cold, "", metav1.Status{
			Code: http.StatusServiceUnavailable, Reason: metav1.StatusReasonServiceUnavailable,
			Message: "ships.sea.example cannot be served yet: 1 of 2 nodes has been scraped",
			Details: &metav1.StatusDetails{Group: "sea.example", Kind: "ships", Name: "z", RetryAfterSeconds: 1},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fleet(ships, "dark", tt.notReady).Get(genericapirequest.WithNamespace(t.Context(), tt.namespace), tt.ship, nil)
			if tt.want != "" {
				if err != nil || *got.(*generic.Item[*ship, string]).Used != tt.want {
					t.Fatalf("Get gave %v, %v, want %q", got, err, tt.want)
				}
				return
			}
			tt.status.Status = metav1.StatusFailure
			if diff := cmp.Diff(tt.status, statusOf(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestList(t *testing.T) {
	tests := []struct {
		name      string
		namespace string
		options   *internalversion.ListOptions
		want      []string
	}{
		{"everything in order", "", nil, []string{"east/a", "east/c", "west/b"}},
		{"one namespace", "west", &internalversion.ListOptions{}, []string{"west/b"}},
		{"no such namespace", "north", nil, []string{}},
		{"a limit", "", &internalversion.ListOptions{Limit: 2}, []string{"east/a", "east/c"}},
		{"a limit of whatever is at hand", "", &internalversion.ListOptions{Limit: 1, ResourceVersion: "0"}, []string{"east/a", "east/c", "west/b"}},
		{"labels", "", labelled("brig"), []string{"east/c", "west/b"}},
		{"labels of none", "", labelled("sloop"), []string{}},
		{"a field", "", fielded("spec.port=cork"), []string{"east/c", "west/b"}},
		{"not a field", "", fielded("spec.port!=cork"), []string{"east/a"}},
		{"fields and namespace", "east", fielded("spec.port=cork,metadata.name=c"), []string{"east/c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object, err := fleet(ships, "dark", nil).List(genericapirequest.WithNamespace(t.Context(), tt.namespace), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			list := object.(*generic.List[*ship, string])
			got := []string{}
			for _, item := range list.Items {
				got = append(got, *item.Used)
			}
			if list.ResourceVersion != "7" {
				t.Errorf("the resource version is %q, want 7", list.ResourceVersion)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestListRefuses(t *testing.T) {
	tests := []struct {
		name     string
		notReady error
		options  *internalversion.ListOptions
		code     int32
		message  string
	}{
		{"before it is ready", errors.New("no node has been scraped"), nil, http.StatusServiceUnavailable,
			"ships.sea.example cannot be served yet: no node has been scraped"},
		{"every unknown field", nil, fielded("spec.mast=1,metadata.name=a,spec.keel=2"), http.StatusBadRequest,
			`field selector "spec.keel", "spec.mast" is not supported: use one of "metadata.name", "spec.port"`},
		{"an unknown field before all else", errors.New("no node has been scraped"), fielded("spec.mast=1"),
			http.StatusBadRequest, `field selector "spec.mast" is not supported: use one of "metadata.name", "spec.port"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			items, err := fleet(ships, "dark", tt.notReady).List(t.Context(), tt.options)
			status := statusOf(t, err)
			if items != nil || status.Code != tt.code || status.Message != tt.message {
				t.Errorf("List gave %v, %d %q, want %d %q", items, status.Code, status.Message, tt.code, tt.message)
			}
		})
	}
}

func statusOf(t *testing.T, err error) metav1.Status {
	t.Helper()
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		t.Fatalf("error %v has no status", err)
	}
	return status.Status()
}

func labelled(rig string) *internalversion.ListOptions {
	return &internalversion.ListOptions{LabelSelector: labels.SelectorFromSet(labels.Set{"rig": rig})}
}

func fielded(selector string) *internalversion.ListOptions {
	return &internalversion.ListOptions{FieldSelector: fields.ParseSelectorOrDie(selector)}
}
