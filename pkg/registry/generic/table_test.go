package generic_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// endOfWindow is the time of all rows.
var endOfWindow = time.Date(2026, 8, 21, 12, 0, 5, 0, time.FixedZone("CEST", 7200))

// showing returns the storage of ships, of which tables show these containers at an age.
func showing(age time.Duration, containers ...usage.Container) *generic.REST[*ship, string] {
	storage := fleet(ships, "dark", nil)
	storage.Row = func(s *ship, _ *string) generic.Row {
		return generic.Row{Containers: containers, Window: 13_449 * time.Millisecond, Time: endOfWindow, Node: s.GenerateName}
	}
	storage.Now = func() time.Time { return endOfWindow.Add(age) }
	storage.Encoding.Meta = func(s *ship, _ *string) encode.Meta {
		return encode.Meta{Namespace: s.Namespace, Name: s.Name, Version: 7, Labels: maps.All(s.Labels)}
	}
	storage.Encoding.API = func(s *ship, _ *string) runtime.Object { return &metav1.PartialObjectMetadata{ObjectMeta: *s} }
	return storage
}

func TestTableCells(t *testing.T) {
	tests := []struct {
		name       string
		age        time.Duration
		containers []usage.Container
		want       []any
	}{
		{"CPU rounds up, memory down", 0, []usage.Container{{Name: "a", CPU: 12_000_001, Memory: 2<<20 - 1}},
			[]any{"s", "13m", "1Mi", "13.4s", "0s", "n1", "a:13m/1Mi"}},
		{"the sum is rounded, not its parts", 9 * time.Second, []usage.Container{{Name: "a", CPU: 400_000, Memory: 600 << 10}, {Name: "b", CPU: 400_000, Memory: 600 << 10}},
			[]any{"s", "1m", "1Mi", "13.4s", "9s", "n1", "a:1m/0Mi,b:1m/0Mi"}},
		{"the largest sum", 3 * time.Minute, []usage.Container{{Name: "a", Memory: 1<<63 - 1}, {Name: "b", Memory: 1<<63 - 1}, {Name: "c", Memory: 1<<63 - 1}},
			[]any{"s", "0m", "17592186044415Mi", "13.4s", "3m", "n1", "a:0m/8796093022207Mi,b:0m/8796093022207Mi,c:0m/8796093022207Mi"}},
		{"the largest rate", 0, []usage.Container{{Name: "a", CPU: 1<<64 - 1}},
			[]any{"s", "18446744073710m", "0Mi", "13.4s", "0s", "n1", "a:18446744073710m/0Mi"}},
		{"nothing used", 0, []usage.Container{{Name: "a"}}, []any{"s", "0m", "0Mi", "13.4s", "0s", "n1", "a:0m/0Mi"}},
		{"a node whose clock is ahead", -2500 * time.Millisecond, []usage.Container{{Name: "a"}}, []any{"s", "0m", "0Mi", "13.4s", "-2s", "n1", "a:0m/0Mi"}},
		{"a node whose clock is hardly ahead", -900 * time.Millisecond, []usage.Container{{Name: "a"}}, []any{"s", "0m", "0Mi", "13.4s", "0s", "n1", "a:0m/0Mi"}},
	}
	for _, tt := range tests {
		for _, namespaced := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				storage := showing(tt.age, tt.containers...)
				storage.Namespaced = namespaced
				want := tt.want
				if !namespaced {
					want = want[:5]
				}
				storage.Find = func(_, name string) (*ship, bool) { return &ship{Name: name, GenerateName: "n1"}, true }
				item, err := storage.Get(t.Context(), "s", nil)
				if err != nil {
					t.Fatal(err)
				}
				table, err := storage.ConvertToTable(t.Context(), item, nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, table.Rows[0].Cells); diff != "" {
					t.Error(diff)
				}
				if len(table.ColumnDefinitions) != len(want) {
					t.Errorf("%d columns for %d cells", len(table.ColumnDefinitions), len(want))
				}
			})
		}
	}
}

func TestTableOfAPage(t *testing.T) {
	storage := showing(0)
	list, err := storage.List(t.Context(), limited(2))
	if err != nil {
		t.Fatal(err)
	}
	table, err := storage.ConvertToTable(t.Context(), list, &metav1.TableOptions{NoHeaders: true})
	if err != nil {
		t.Fatal(err)
	}
	if table.ResourceVersion != "7" || len(table.Rows) != 2 || table.ColumnDefinitions != nil {
		t.Errorf("got version %q, %d rows, columns %v", table.ResourceVersion, len(table.Rows), table.ColumnDefinitions)
	}
	if table.Continue == "" || table.RemainingItemCount == nil || *table.RemainingItemCount != 1 {
		t.Errorf("the table goes on at %q with %v rows", table.Continue, table.RemainingItemCount)
	}
}

// TestTableHasObjects has rows come with the objects that the library makes of what the client asks for.
func TestTableHasObjects(t *testing.T) {
	for _, tt := range []struct {
		include metav1.IncludeObjectPolicy
		want    runtime.Object
	}{
		{metav1.IncludeObject, &metav1.PartialObjectMetadata{}},
		{metav1.IncludeMetadata, &generic.Item[*ship, string]{}},
		{metav1.IncludeNone, &generic.Item[*ship, string]{}},
	} {
		t.Run(string(tt.include), func(t *testing.T) {
			storage := showing(0)
			list, err := storage.List(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			table, err := storage.ConvertToTable(t.Context(), list, &metav1.TableOptions{IncludeObject: tt.include})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range table.Rows {
				want := list.(*generic.List[*ship, string]).Items[i].Object.Name
				object := row.Object.Object.(metav1.ObjectMetaAccessor).GetObjectMeta()
				if object.GetName() != want || !sameType(row.Object.Object, tt.want) {
					t.Errorf("row %d has the %T %q, want %T %q", i, row.Object.Object, object.GetName(), tt.want, want)
				}
			}
		})
	}
}

// TestTableOfABookmark keeps the metadata by which a client of a watch goes on.
func TestTableOfABookmark(t *testing.T) {
	bookmark := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		ResourceVersion: "9", Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"},
	}}
	table, err := showing(0).ConvertToTable(t.Context(), bookmark, nil)
	if err != nil {
		t.Fatal(err)
	}
	if table.ResourceVersion != "9" || len(table.Rows) != 1 || table.Rows[0].Object.Object != runtime.Object(bookmark) {
		t.Errorf("got %+v", table)
	}
	if len(table.Rows[0].Cells) != len(table.ColumnDefinitions) {
		t.Errorf("%d cells in %d columns", len(table.Rows[0].Cells), len(table.ColumnDefinitions))
	}
}

func TestTableRefusesOtherTypes(t *testing.T) {
	if table, err := showing(0).ConvertToTable(t.Context(), &runtime.Unknown{}, nil); err == nil {
		t.Errorf("an object without metadata gave %v, want an error", table)
	}
}

func sameType(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }
