package generic_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

type shipStorage = generic.REST[*ship, string]

func limited(limit int64) *internalversion.ListOptions {
	return &internalversion.ListOptions{Limit: limit}
}

// listPage lists one page of a namespace.
func listPage(ctx context.Context, s *shipStorage, namespace string, o *internalversion.ListOptions) (*generic.List[*ship, string], error) {
	object, err := s.List(genericapirequest.WithNamespace(ctx, namespace), o)
	if err != nil {
		return nil, err
	}
	return object.(*generic.List[*ship, string]), nil
}

// walk lists page after page until there is no more, and returns the usage on each page.
func walk(t *testing.T, s *shipStorage, namespace string, o internalversion.ListOptions) (pages []string) {
	t.Helper()
	for {
		list, err := listPage(t.Context(), s, namespace, &o)
		if err != nil {
			t.Fatal(err)
		}
		page := []string{}
		for _, item := range list.Items {
			page = append(page, *item.Used)
		}
		text := strings.Join(page, " ")
		if list.RemainingItemCount != nil {
			text += fmt.Sprintf(" +%d", *list.RemainingItemCount)
		}
		pages = append(pages, text)
		if list.Continue == "" {
			return pages
		}
		if len(pages) > 100 {
			t.Fatalf("the list has no end: %q", pages)
		}
		o.Continue = list.Continue
	}
}

func TestPages(t *testing.T) {
	cork := fields.ParseSelectorOrDie("spec.port=cork")
	for _, tt := range []struct {
		name, namespace string
		options         internalversion.ListOptions
		want            []string
	}{
		{"one by one", "", internalversion.ListOptions{Limit: 1}, []string{"east/a +2", "east/c +1", "west/b"}},
		{"what has no usage does not count", "east", internalversion.ListOptions{Limit: 1}, []string{"east/a +1", "east/c"}},
		{"the last page is full", "", internalversion.ListOptions{Limit: 3}, []string{"east/a east/c west/b"}},
		{"nothing usable follows the page", "east", internalversion.ListOptions{Limit: 2}, []string{"east/a east/c"}},
		{"nothing at all", "north", internalversion.ListOptions{Limit: 1}, []string{""}},
		{"a field: how many remain is not known", "", internalversion.ListOptions{Limit: 1, FieldSelector: cork}, []string{"east/c", "west/b"}},
		{"labels: how many remain is not known", "", internalversion.ListOptions{Limit: 1, LabelSelector: labelled("brig").LabelSelector}, []string{"east/c", "west/b"}},
		{"a limit below nothing is none", "", internalversion.ListOptions{Limit: -1}, []string{"east/a east/c west/b"}},
		{"the largest limit", "", internalversion.ListOptions{Limit: 1<<63 - 1}, []string{"east/a east/c west/b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, walk(t, fleet(ships, "dark", nil), tt.namespace, tt.options)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPagesOfFewWithUsage has hundreds of ships without usage between two that have some: more than are selected at a time.
func TestPagesOfFewWithUsage(t *testing.T) {
	var all []*ship
	for i := range 1000 {
		all = append(all, &ship{Namespace: "east", Name: fmt.Sprintf("%03d", i), Labels: map[string]string{"rig": "brig"}})
	}
	for _, tt := range []struct {
		name    string
		options internalversion.ListOptions
		want    []string
	}{
		{"all", internalversion.ListOptions{Limit: 1}, []string{"east/400 +2", "east/800 +1", "east/999"}},
		{"by label", internalversion.ListOptions{Limit: 1, LabelSelector: labelled("brig").LabelSelector}, []string{"east/400", "east/800", "east/999"}},
		{"by label, two at a time", internalversion.ListOptions{Limit: 2, LabelSelector: labelled("brig").LabelSelector}, []string{"east/400 east/800", "east/999"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := few(fleet(all, "", nil))
			s.Has = func(o *ship) bool { return o.Name == "400" || o.Name == "800" || o.Name == "999" }
			read := s.Read
			s.Read = func(o *ship) (*string, bool) {
				name, _ := read(o)
				return name, s.Has(o)
			}
			if diff := cmp.Diff(tt.want, walk(t, s, "", tt.options)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// few has a storage select no more than it is asked for.
func few(s *shipStorage) *shipStorage {
	all := s.Select
	s.Select = func(ctx context.Context, namespace string, selector labels.Selector, from generic.Key, most int) ([]*ship, error) {
		ships, err := all(ctx, namespace, selector, generic.Key{}, 0)
		ships = slices.DeleteFunc(ships, func(s *ship) bool {
			return s.Namespace < from.Namespace || s.Namespace == from.Namespace && s.Name < from.Name
		})
		if most > 0 {
			ships = ships[:min(most, len(ships))]
		}
		return ships, err
	}
	return s
}

// TestHowManyRemainIsCountedUpToABound leaves out a number that would cost too much to count.
func TestHowManyRemainIsCountedUpToABound(t *testing.T) {
	for ships, want := range map[int]string{5001: "+5000", 5002: ""} {
		all := make([]*ship, ships)
		for i := range all {
			all[i] = &ship{Namespace: "east", Name: fmt.Sprintf("%05d", i)}
		}
		list, err := listPage(t.Context(), few(fleet(all, "", nil)), "", limited(1))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if list.RemainingItemCount != nil {
			got = fmt.Sprintf("+%d", *list.RemainingItemCount)
		}
		if got != want || list.Continue == "" {
			t.Errorf("after one of %d ships %q remain, want %q", ships, got, want)
		}
	}
}

// TestPagesAreInOrderOfNamespace has a namespace whose name is another's beginning, where a path would sort otherwise.
func TestPagesAreInOrderOfNamespace(t *testing.T) {
	all := []*ship{{Namespace: "a", Name: "z"}, {Namespace: "a-b", Name: "c"}, {Namespace: "a.b", Name: "d"}, {Namespace: "ab", Name: "a"}}
	if diff := cmp.Diff([]string{"a/z +3", "a-b/c +2", "a.b/d +1", "ab/a"}, walk(t, fleet(all, "", nil), "", *limited(1))); diff != "" {
		t.Error(diff)
	}
}

// TestPageGoesOnWhereItsKeyWas walks on where the object that ended the last page is gone, and the next one is new.
func TestPageGoesOnWhereItsKeyWas(t *testing.T) {
	o := limited(1)
	first, err := listPage(t.Context(), fleet(ships, "dark", nil), "", o)
	if err != nil {
		t.Fatal(err)
	}
	o.Continue = first.Continue
	later := fleet([]*ship{{Namespace: "east", Name: "Z"}, {Namespace: "east", Name: "a0"}, {Namespace: "west", Name: "b"}}, "", nil)
	later.Version = func() uint64 { return 8 }
	second, err := listPage(t.Context(), later, "", o)
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Items) != 1 || second.Items[0].Object.Name != "a0" || second.ResourceVersion != "7" {
		t.Errorf("the second page has %d objects at version %s", len(second.Items), second.ResourceVersion)
	}
}

// tokenOf encodes what a continue token has in it.
func tokenOf(format string, values ...any) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, format, values...))
}

func TestTokensAreRefused(t *testing.T) {
	const now = 1_800_000_000_000_000
	ours := `{"v":"meta.k8s.io/v1","rv":%d,"start":%q}`
	for _, tt := range []struct {
		name, namespace, token string
		code                   int
		message                string
	}{
		{"not base64", "", "%%%", http.StatusBadRequest, "invalid continue token: continue key is not valid"},
		{"not JSON", "", tokenOf("{"), http.StatusBadRequest, "invalid continue token: continue key is not valid"},
		{"another version", "", tokenOf(`{"v":"meta.k8s.io/v2","rv":1,"start":"east/a"}`), http.StatusBadRequest, "does not recognize this encoded version"},
		{"no key", "", tokenOf(ours, now, ""), http.StatusBadRequest, "start key empty"},
		{"no version", "", tokenOf(ours, 0, "east/a"), http.StatusBadRequest, "incorrect encoded start resourceVersion"},
		{"a way out", "", tokenOf(ours, now, "east/../west/a"), http.StatusBadRequest, "continue key is not valid"},
		{"of a resource without namespaces", "", tokenOf(ours, now, "a"), http.StatusBadRequest, "invalid continue token: it is of another list"},
		{"of a longer path", "", tokenOf(ours, now, "a/b/c"), http.StatusBadRequest, "invalid continue token: it is of another list"},
		{"of another namespace", "west", tokenOf(ours, now, "east/a"), http.StatusBadRequest, "invalid continue token: it is of another list"},
		{"too long", "", strings.Repeat("A", 1025), http.StatusBadRequest, "invalid continue token: it has 1025 bytes, at most 1024 are allowed"},
		{"of kube-apiserver", "", tokenOf(ours, 123456, "east/a"), http.StatusGone, "the continue token is too old"},
		{"too old", "", tokenOf(ours, now-5*time.Minute.Microseconds()-1, "east/a"), http.StatusGone, "the continue token is too old"},
		{"from the future", "", tokenOf(ours, now+time.Minute.Microseconds()+1, "east/a"), http.StatusGatewayTimeout, "Too large resource version"},
		{"from the end of time", "", tokenOf(ours, int64(1<<63-1), "east/a"), http.StatusGatewayTimeout, "Too large resource version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := fleet(ships, "dark", nil)
			s.Version = func() uint64 { return now }
			list, err := listPage(t.Context(), s, tt.namespace, &internalversion.ListOptions{Limit: 1, Continue: tt.token})
			status := statusOf(t, err)
			if list != nil || int(status.Code) != tt.code || !strings.Contains(status.Message, tt.message) {
				t.Errorf("List gave %v, %d %q, want %d %q", list, status.Code, status.Message, tt.code, tt.message)
			}
		})
	}
}

// TestTokenThatIsTooOldLeadsOn takes the token that comes with the refusal.
func TestTokenThatIsTooOldLeadsOn(t *testing.T) {
	s, o := fleet(ships, "dark", nil), limited(1)
	first, err := listPage(t.Context(), s, "", o)
	if err != nil {
		t.Fatal(err)
	}
	s.Version = func() uint64 { return 7 + uint64(6*time.Minute.Microseconds()) }
	o.Continue = first.Continue
	_, err = listPage(t.Context(), s, "", o)
	if !apierrors.IsResourceExpired(err) {
		t.Fatalf("got the error %v", err)
	}
	o.Continue = statusOf(t, err).Continue
	second, err := listPage(t.Context(), s, "", o)
	if err != nil {
		t.Fatal(err)
	}
	if second.Items[0].Object.Name != "c" || second.ResourceVersion != generic.ResourceVersion(s.Version()) || second.Continue == "" {
		t.Errorf("the second page begins with %s, at version %s", second.Items[0].Object.Name, second.ResourceVersion)
	}
	o.Continue = second.Continue
	if third, err := listPage(t.Context(), s, "", o); err != nil || third.Items[0].Object.Name != "b" {
		t.Errorf("the third page is %v, %v", third, err)
	}
}

func TestVersionsOfLists(t *testing.T) {
	notOlder, exact := metav1.ResourceVersionMatchNotOlderThan, metav1.ResourceVersionMatchExact
	for _, tt := range []struct {
		name, version string
		match         metav1.ResourceVersionMatch
		code          int
		message       string
	}{
		{"the newest", "", "", 0, ""},
		{"any", "0", "", 0, ""},
		{"any, said in full", "0", notOlder, 0, ""},
		{"an older one", "6", "", 0, ""},
		{"that of now", "7", notOlder, 0, ""},
		{"exactly that of now", "7", exact, http.StatusGone, "the list of resourceVersion 7 is not kept"},
		{"no number", "seven", "", http.StatusBadRequest, "invalid resource version"},
		{"below nothing", "-1", notOlder, http.StatusBadRequest, "invalid resource version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &internalversion.ListOptions{ResourceVersion: tt.version, ResourceVersionMatch: tt.match}
			list, err := listPage(t.Context(), fleet(ships, "dark", nil), "", o)
			if tt.code == 0 {
				if err != nil || list.ResourceVersion != "7" || len(list.Items) != 3 {
					t.Errorf("List gave %v, %v", list, err)
				}
				return
			}
			if status := statusOf(t, err); int(status.Code) != tt.code || !strings.Contains(status.Message, tt.message) {
				t.Errorf("List gave %d %q, want %d %q", status.Code, status.Message, tt.code, tt.message)
			}
		})
	}
}

// TestTokenWithAnyVersion has what remains come at once, as kube-apiserver does.
func TestTokenWithAnyVersion(t *testing.T) {
	o := &internalversion.ListOptions{Continue: tokenOf(`{"v":"meta.k8s.io/v1","rv":7,"start":"east/b"}`), ResourceVersion: "0", Limit: 1}
	list, err := listPage(t.Context(), fleet(ships, "dark", nil), "", o)
	if err != nil || len(list.Items) != 2 || list.Continue != "" {
		t.Errorf("List gave %+v, %v", list, err)
	}
}

func TestTokenWithAVersion(t *testing.T) {
	o := &internalversion.ListOptions{Continue: tokenOf(`{"v":"meta.k8s.io/v1","rv":7,"start":"east/b"}`), ResourceVersion: "7"}
	_, err := listPage(t.Context(), fleet(ships, "dark", nil), "", o)
	if status := statusOf(t, err); status.Code != http.StatusBadRequest || status.Message != "specifying resource version is not allowed when using continue" {
		t.Errorf("List gave %d %q", status.Code, status.Message)
	}
}
