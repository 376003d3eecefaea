package cluster

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

var (
	labelKeys   = []string{"app", "tier", "zone"}
	labelValues = []string{"", "1", "2", "3"}
)

// aSelector is one of every kind, alone or with others.
func aSelector(t *testing.T, r *rand.Rand) labels.Selector {
	t.Helper()
	switch r.IntN(8) {
	case 0:
		return labels.Everything()
	case 1:
		return labels.Nothing()
	case 2:
		return labels.SelectorFromSet(labels.Set(someLabels(r)))
	case 3:
		return parsedSelector(t, r)
	}
	selector := labels.NewSelector()
	for range 1 + r.IntN(3) {
		selector = selector.Add(aRequirement(t, r))
	}
	return selector
}

func aRequirement(t *testing.T, r *rand.Rand) labels.Requirement {
	t.Helper()
	operator, values := selection.Operator(""), []string(nil)
	switch operator = oneOf(r, selection.Equals, selection.DoubleEquals, selection.In, selection.NotEquals, selection.NotIn,
		selection.Exists, selection.DoesNotExist, selection.GreaterThan, selection.LessThan); operator {
	case selection.Exists, selection.DoesNotExist:
	case selection.GreaterThan, selection.LessThan:
		values = []string{oneOf(r, labelValues[1:]...)}
	case selection.In, selection.NotIn:
		for _, i := range r.Perm(len(labelValues))[:1+r.IntN(len(labelValues))] {
			values = append(values, labelValues[i])
		}
	default:
		values = []string{oneOf(r, labelValues...)}
	}
	requirement, err := labels.NewRequirement(oneOf(r, append(labelKeys, "none")...), operator, values)
	if err != nil {
		t.Fatal(err)
	}
	return *requirement
}

// parsedSelector comes as clients send it.
func parsedSelector(t *testing.T, r *rand.Rand) labels.Selector {
	t.Helper()
	all := []string{
		"app", "!app", "app=1", "app==2", "app!=1", "tier in (1,2,1)", "tier notin (1,3)", "zone in ()", "zone=", "zone in (,3)", "!none",
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	text := strings.Join(all[:1+r.IntN(3)], ",")
	selector, err := labels.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return selector
}

// someLabels has each key or not.
func someLabels(r *rand.Rand) map[string]string {
	out := map[string]string{}
	for _, key := range labelKeys {
		if r.IntN(3) > 0 {
			out[key] = oneOf(r, labelValues...)
		}
	}
	return out
}

// TestSelectorsOfEveryKindAreTried keeps the random ones honest.
func TestSelectorsOfEveryKindAreTried(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var operators []selection.Operator
	for range 500 {
		requirements, _ := aSelector(t, r).Requirements()
		for i := range requirements {
			operators = append(operators, requirements[i].Operator())
		}
	}
	slices.Sort(operators)
	if operators = slices.Compact(operators); len(operators) != 9 {
		t.Errorf("tried only %q", operators)
	}
}
