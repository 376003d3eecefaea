package generic_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

// rowOf makes a row of a secret: the unit of its usage is of no matter to a table.
func rowOf(usages ...corev1.ResourceList) func(runtime.Object) (generic.Row, bool) {
	return func(object runtime.Object) (generic.Row, bool) {
		_, ok := object.(*corev1.Secret)
		return generic.Row{
			Usage:     usages,
			Window:    metav1.Duration{Duration: 13_449 * time.Millisecond},
			Timestamp: metav1.NewTime(time.Date(2026, 8, 21, 12, 0, 5, 0, time.FixedZone("CEST", 7200))),
		}, ok
	}
}

// tableOf makes a table of an object, with rows of this usage.
func tableOf(t *testing.T, object, options runtime.Object, usages ...corev1.ResourceList) (*metav1.Table, error) {
	t.Helper()
	storage := &generic.REST[*ship, string]{Row: rowOf(usages...)}
	return storage.ConvertToTable(t.Context(), object, options)
}

func resources(t *testing.T, cpu, memory uint64) corev1.ResourceList {
	t.Helper()
	return generic.Resources(cpu, memory, nil)
}

func TestTableCells(t *testing.T) {
	tests := []struct {
		name   string
		usages []corev1.ResourceList
		want   []any
	}{
		{"CPU rounds up, memory down, time in UTC", []corev1.ResourceList{resources(t, 12_000_001, 2<<20-1)},
			[]any{"s", "13m", "1Mi", "13.4s", "2026-08-21T10:00:05Z"}},
		{"the sum is rounded, not its parts", []corev1.ResourceList{resources(t, 400_000, 600<<10), resources(t, 400_000, 600<<10)},
			[]any{"s", "1m", "1Mi", "13.4s", "2026-08-21T10:00:05Z"}},
		{"the largest sum", []corev1.ResourceList{resources(t, 0, 1<<62), resources(t, 0, 1<<62-1)},
			[]any{"s", "0m", "8796093022207Mi", "13.4s", "2026-08-21T10:00:05Z"}},
		{"nothing used", []corev1.ResourceList{resources(t, 0, 0)},
			[]any{"s", "0m", "0Mi", "13.4s", "2026-08-21T10:00:05Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, err := tableOf(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}}, nil, tt.usages...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, table.Rows[0].Cells); diff != "" {
				t.Error(diff)
			}
			if len(table.ColumnDefinitions) != len(tt.want) {
				t.Errorf("%d columns for %d cells", len(table.ColumnDefinitions), len(tt.want))
			}
		})
	}
}

func TestTableOfList(t *testing.T) {
	list := &corev1.SecretList{
		ListMeta: metav1.ListMeta{ResourceVersion: "7"},
		Items:    []corev1.Secret{{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, {ObjectMeta: metav1.ObjectMeta{Name: "b"}}},
	}
	table, err := tableOf(t, list, &metav1.TableOptions{NoHeaders: true}, resources(t, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if table.ResourceVersion != "7" || len(table.Rows) != 2 || table.ColumnDefinitions != nil {
		t.Errorf("got version %q, %d rows, columns %v", table.ResourceVersion, len(table.Rows), table.ColumnDefinitions)
	}
}

func TestTableRefusesOtherTypes(t *testing.T) {
	for _, object := range []runtime.Object{&corev1.ConfigMap{}, &runtime.Unknown{}} {
		if table, err := tableOf(t, object, nil); err == nil {
			t.Errorf("Table of %T gave %v, want an error", object, table)
		}
	}
}
