package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// manyLabels are labels of a pod whose owner wants readers to be busy.
func manyLabels(n int) map[string]string {
	set := make(map[string]string, n)
	for i := range n {
		set[fmt.Sprintf("k%05d", i)] = fmt.Sprint(i % 10)
	}
	return set
}

// hook is a selector that calls a function while it is evaluated.
type hook struct {
	labels.Selector
	evaluated func()
}

func (h hook) Matches(l labels.Labels) bool { h.evaluated(); return h.Selector.Matches(l) }

// TestSelectorHoldsNoLock has pods change, come and go, and others read them, each time that a selector is evaluated.
func TestSelectorHoldsNoLock(t *testing.T) {
	pods := newPods()
	for i := range 300 {
		pods.set(&Pod{Namespace: "shop", Name: fmt.Sprintf("p%d", i), Labels: NewLabels(manyLabels(100))})
	}
	changes := 0
	evaluated := func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			changes++
			pods.set(&Pod{Namespace: "shop", Name: "p7", Labels: NewLabels(manyLabels(100 + changes%2))})
			pods.set(&Pod{Namespace: "shop", Name: "new"})
			pods.remove(&Pod{Namespace: "shop", Name: "new"})
			podsOf(t, pods, "", labels.Everything())
			pods.Get("shop", "p7")
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("the pods cannot be changed while a selector is evaluated")
		}
	}
	for _, text := range []string{"k00001=1,!none", "!none", "k00001 in (1,2)"} {
		selector, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(podsOf(t, pods, "", hook{selector, evaluated})); got != 300 {
			t.Errorf("%s selects %d pods", text, got)
		}
	}
	if changes < 900 {
		t.Errorf("the selectors were evaluated %d times", changes)
	}
}

// TestContextEndsAList is done while the selector is evaluated.
func TestContextEndsAList(t *testing.T) {
	errGone := errors.New("the client is gone")
	pods := newPods()
	for i := range 1000 {
		pods.set(&Pod{Namespace: "shop", Name: fmt.Sprint(i), Labels: NewLabels(map[string]string{"app": "a"})})
	}
	for _, text := range []string{"app=a", "!none"} {
		parsed, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		shown := 0
		list, err := pods.List(ctx, "", hook{parsed, func() {
			if shown++; shown == 100 {
				cancel(errGone)
			}
		}}, cache.ObjectName{}, 0)
		if list != nil || !errors.Is(err, errGone) || shown > 100+matchedAtOnce {
			t.Errorf("%s: %d pods, error %v, after %d pods", text, len(list), err, shown)
		}
	}
}

// TestWorkOfAListIsLinear counts how often a label is looked up: twice at most for each requirement and candidate.
func TestWorkOfAListIsLinear(t *testing.T) {
	for _, scale := range []int{1, 4, 16} {
		pods := newPods()
		size, requirements := 20*scale, 8*scale
		for i := range size {
			pods.set(&Pod{Namespace: "shop", Name: fmt.Sprint(i), Labels: NewLabels(manyLabels(500))})
		}
		var text []string
		for i := range requirements {
			text = append(text, fmt.Sprintf("k%05d notin (x,y)", i))
		}
		selector, err := labels.Parse(strings.Join(text, ","))
		if err != nil {
			t.Fatal(err)
		}
		c := &counting{Selector: selector}
		if got := len(podsOf(t, pods, "", c)); got != size {
			t.Errorf("%d pods are selected, want %d", got, size)
		}
		if c.lookups > 2*size*requirements {
			t.Errorf("%d lookups for %d pods and %d requirements", c.lookups, size, requirements)
		}
	}
}

// counting counts lookups of labels.
type counting struct {
	labels.Selector
	lookups int
}

func (c *counting) Matches(l labels.Labels) bool { return c.Selector.Matches(countedLabels{l, c}) }

type countedLabels struct {
	labels.Labels
	c *counting
}

func (l countedLabels) Has(key string) bool   { l.c.lookups++; return l.Labels.Has(key) }
func (l countedLabels) Get(key string) string { l.c.lookups++; return l.Labels.Get(key) }
func (l countedLabels) Lookup(key string) (string, bool) {
	l.c.lookups++
	return l.Labels.Lookup(key)
}

// TestLookupIsSublinear finds each label of a large set, and what is not there, and times it: 64 times as many labels may cost eight
// times as much, where a search from end to end costs 64 times as much.
func TestLookupIsSublinear(t *testing.T) {
	few, many := manyLabels(20), manyLabels(1280)
	for _, set := range []map[string]string{few, many} {
		l := NewLabels(set)
		if l.LeftOut() || l.Len() != len(set) {
			t.Fatalf("%d labels are kept of %d", l.Len(), len(set))
		}
		for key, want := range set {
			if got, ok := l.Lookup(key); !ok || got != want {
				t.Errorf("%s is %q, %t, want %q", key, got, ok, want)
			}
			for _, other := range []string{key + "0", key[:5], "a" + key, "z" + key} {
				if value, ok := l.Lookup(other); ok {
					t.Errorf("%s, which is not there, is %q", other, value)
				}
			}
		}
	}
	best := [2]time.Duration{time.Hour, time.Hour}
	for range 50 {
		for i, set := range []map[string]string{few, many} {
			best[i] = min(best[i], lookupTime(set))
		}
	}
	if ratio := float64(best[1]) / float64(best[0]); ratio > 8 {
		t.Errorf("a lookup among 64 times as many labels takes %.1f times as long", ratio)
	}
}

// lookupTime is how long it takes to look up labels, each of which is there.
func lookupTime(set map[string]string) time.Duration {
	l, keys := NewLabels(set), slices.Sorted(maps.Keys(set))
	start := time.Now()
	for i := range 2000 {
		l.Has(keys[i*7%len(keys)])
	}
	return time.Since(start)
}

// TestMoreLabelsThanAreIndexed wants of pods with very many labels what is wanted of all others.
func TestMoreLabelsThanAreIndexed(t *testing.T) {
	pods := newPods()
	for name, set := range map[string]map[string]string{
		"few": manyLabels(maxIndexed), "many": manyLabels(maxIndexed + 1), "other": {"k00001": "2"}, "none": nil,
	} {
		pods.set(&Pod{Namespace: "shop", Name: name, Labels: NewLabels(set)})
	}
	check := func(want map[string]string) {
		t.Helper()
		for text, names := range want {
			selector, err := labels.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, pod := range podsOf(t, pods, "shop", selector) {
				got = append(got, pod.Name)
			}
			if got := strings.Join(got, " "); got != names {
				t.Errorf("%s selects %q, want %q", text, got, names)
			}
		}
	}
	check(map[string]string{
		"k00001=1": "few many", "k00001 in (1,2)": "few many other", "k00001=3": "", "k00064=4": "many", "k00064": "many", "!k00001": "none", "k00001!=1": "none other",
	})
	pods.set(&Pod{Namespace: "shop", Name: "many", Labels: NewLabels(map[string]string{"k00001": "3"})})
	pods.set(&Pod{Namespace: "shop", Name: "few", Labels: NewLabels(manyLabels(maxIndexed + 1))})
	check(map[string]string{"k00001=1": "few", "k00001=3": "many", "k00064=4": "few"})
	if n := pods.namespaces["shop"].unindexed.len(); n != 1 {
		t.Errorf("%d pods are not in the index", n)
	}
}

// TestLabelsThatAreLeftOut has a pod whose labels are more than is kept: whether a selector takes it is not known, so that none does.
func TestLabelsThatAreLeftOut(t *testing.T) {
	pods := newPods()
	large := &corev1.Pod{}
	large.Namespace, large.Name, large.Labels = "shop", "large", manyLabels(20_000)
	small := &corev1.Pod{}
	small.Namespace, small.Name, small.Labels = "shop", "small", map[string]string{"k00001": "1"}
	pods.set(Strip(large))
	pods.set(Strip(small))
	for text, want := range map[string]int{"": 2, "k00001=1": 1, "k00001": 1, "!none": 1, "k19999!=x": 1, "!k00001": 0} {
		selector, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(podsOf(t, pods, "", selector)); got != want {
			t.Errorf("%q selects %d pods, want %d", text, got, want)
		}
	}
	pod, ok := pods.Get("shop", "large")
	if !ok || !pod.Labels.LeftOut() || pod.Labels.Len() != 0 || len(mapOf(pod.Labels)) > 0 {
		t.Errorf("the pod is %+v", pod)
	}
	for key := range pod.Labels.All() {
		t.Fatalf("it has the label %q", key)
	}
	if got := pods.LabelsLeftOut(); got != 1 {
		t.Errorf("the labels of %d pods are left out", got)
	}
	large.Labels = nil
	pods.set(Strip(large))
	if got := pods.LabelsLeftOut(); got != 0 {
		t.Errorf("the labels of %d pods are still left out", got)
	}
}

// TestBoundOfLabels has as many bytes as are kept, and one more.
func TestBoundOfLabels(t *testing.T) {
	set := map[string]string{"a": strings.Repeat("x", MaxLabelBytes-1)}
	if l := NewLabels(set); l.LeftOut() || l.Get("a") != set["a"] {
		t.Error("labels that are not too large are left out")
	}
	set["b"] = ""
	if !NewLabels(set).LeftOut() {
		t.Error("labels that are too large are kept")
	}
}
