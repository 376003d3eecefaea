package generic_test

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

// harbor is where ships come and go. Half of them stay: those whose number is even.
type harbor struct {
	names []generic.Key
	here  []bool
	// lit are those that have usage.
	lit []bool
}

// newHarbor has ships whose names and namespaces are beginnings of each other, in order.
func newHarbor() *harbor {
	h := &harbor{}
	for _, namespace := range []string{"a", "a-b", "a.b", "ab", "b"} {
		for _, name := range []string{"0", "a", "a-0", "a.0", "a0", "b"} {
			h.names = append(h.names, generic.Key{Namespace: namespace, Name: name})
		}
	}
	h.here, h.lit = make([]bool, len(h.names)), make([]bool, len(h.names))
	for i := range h.names {
		h.here[i], h.lit[i] = h.stays(i), h.stays(i)
	}
	return h
}

func (h *harbor) stays(i int) bool { return i%2 == 0 }

// change has one of the others come, go, or turn its light on or off.
func (h *harbor) change(what byte) {
	i := int(what>>1) % len(h.names)
	switch {
	case h.stays(i):
	case what&1 == 0:
		h.here[i] = !h.here[i]
	default:
		h.lit[i] = !h.lit[i]
	}
}

// storage is that of the ships that are here.
func (h *harbor) storage() *shipStorage {
	s := fleet(nil, "", nil)
	s.Select = func(_ context.Context, namespace string, _ labels.Selector, from generic.Key, most int) (all []*ship, _ error) {
		for i, k := range h.names {
			before := k.Namespace < from.Namespace || k.Namespace == from.Namespace && k.Name < from.Name
			if !before && h.here[i] && (namespace == "" || namespace == k.Namespace) && (most == 0 || len(all) < most) {
				all = append(all, &ship{Namespace: k.Namespace, Name: k.Name})
			}
		}
		return all, nil
	}
	s.Has = func(o *ship) bool {
		return h.lit[slices.Index(h.names, generic.Key{Namespace: o.Namespace, Name: o.Name})]
	}
	read := s.Read
	s.Read = func(o *ship) (*string, bool) {
		name, _ := read(o)
		return name, s.Has(o)
	}
	return s
}

// FuzzPages walks a list in pages while ships come and go between them. An object that stays is seen once, none twice, and all in order.
func FuzzPages(f *testing.F) {
	f.Add(uint8(1), "", []byte{})
	f.Add(uint8(2), "", []byte{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 2, 3})
	f.Add(uint8(3), "a", []byte("come and go"))
	f.Add(uint8(7), "a-b", []byte("\x02\x03\x06\x07\x0a\x0b\x0e\x0f"))
	f.Fuzz(func(t *testing.T, limit uint8, namespace string, changes []byte) {
		if limit == 0 {
			return
		}
		h, o, seen := newHarbor(), internalversion.ListOptions{Limit: int64(limit)}, []string{}
		s := h.storage()
		for page := 0; page == 0 || o.Continue != ""; page++ {
			if page > len(h.names) {
				t.Fatalf("the list has no end: %q", seen)
			}
			list, err := listPage(t.Context(), s, namespace, &o)
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Items) > int(limit) || len(list.Items) < int(limit) && list.Continue != "" || list.ResourceVersion != "7" {
				t.Errorf("page %d has %d objects at version %s", page, len(list.Items), list.ResourceVersion)
			}
			for _, item := range list.Items {
				seen = append(seen, *item.Used)
			}
			for range min(3, len(changes)) {
				h.change(changes[0])
				changes = changes[1:]
			}
			o.Continue = list.Continue
		}
		h.check(t, namespace, seen)
	})
}

// FuzzTokens has anything in the place of a token: it is refused as the API has it, or leads to ships in order, from the key in it on.
func FuzzTokens(f *testing.F) {
	for _, token := range []string{"", "%", tokenOf("{"), tokenOf(`{"v":"meta.k8s.io/v1","rv":7,"start":"a-b/a"}`), tokenOf(`{"v":"meta.k8s.io/v1","rv":-1,"start":"a/b\u0000"}`)} {
		f.Add(token, false, "")
		f.Add(token, true, "a-b")
	}
	f.Fuzz(func(t *testing.T, token string, raw bool, namespace string) {
		if raw {
			token = tokenOf("%s", token)
		}
		list, err := listPage(t.Context(), newHarbor().storage(), namespace, &internalversion.ListOptions{Limit: 2, Continue: token})
		if err != nil {
			if code := statusOf(t, err).Code; code != http.StatusBadRequest && code != http.StatusGone && code != http.StatusGatewayTimeout {
				t.Errorf("%q gave %d %v", token, code, err)
			}
			return
		}
		if len(list.Items) > 2 || !slices.IsSortedFunc(list.Items, func(a, b generic.Item[*ship, string]) int {
			return cmp.Or(cmp.Compare(a.Object.Namespace, b.Object.Namespace), cmp.Compare(a.Object.Name, b.Object.Name))
		}) {
			t.Errorf("%q gave %d ships, or in another order", token, len(list.Items))
		}
	})
}

func (h *harbor) check(t *testing.T, namespace string, seen []string) {
	t.Helper()
	last := -1
	for _, name := range seen {
		ns, n, _ := strings.Cut(name, "/")
		at := slices.Index(h.names, generic.Key{Namespace: ns, Name: n})
		if at <= last {
			t.Errorf("%s is not in order, or a second time, in %q", name, seen)
		}
		last = at
	}
	for i, k := range h.names {
		if h.stays(i) && (namespace == "" || namespace == k.Namespace) && !slices.Contains(seen, k.Namespace+"/"+k.Name) {
			t.Errorf("%v stays and is not seen: %q", k, seen)
		}
	}
}
