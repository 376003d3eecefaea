package generic

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metatable "k8s.io/apimachinery/pkg/api/meta/table"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Row is what a table shows of one object.
type Row struct {
	// Usage holds one list for each container, or one for a node; a row shows their sum.
	Usage []corev1.ResourceList
	// Window is what the CPU rate is an average of.
	Window metav1.Duration
	// Timestamp is the end of the window.
	Timestamp metav1.Time
}

// ConvertToTable prints what Get or List returned, or one of the API's types, with the units of kubectl top: a row for each object.
func (r *REST[O, U]) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	if own, ok := object.(interface{ API() runtime.Object }); ok {
		object = own.API()
	}
	described, err := meta.CommonAccessor(object)
	if err != nil {
		return nil, fmt.Errorf("make a table of %T: %w", object, err)
	}
	rows, err := metatable.MetaToTableRow(object, func(o runtime.Object, _ metav1.Object, name, _ string) ([]any, error) {
		row, ok := r.Row(o)
		if !ok {
			return nil, fmt.Errorf("make a table row of %q: unexpected type %T", name, o)
		}
		return append([]any{name}, row.cells()...), nil
	})
	if err != nil {
		return nil, err
	}
	table := &metav1.Table{ListMeta: metav1.ListMeta{ResourceVersion: described.GetResourceVersion()}, Rows: rows}
	if o, ok := options.(*metav1.TableOptions); !ok || !o.NoHeaders {
		table.ColumnDefinitions = columns()
	}
	return table, nil
}

// columns are the headers of cells. The last shows a time and not an age, so two reads within a tick print the same.
func columns() []metav1.TableColumnDefinition {
	return []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name", Description: "Name of the object that the numbers belong to."},
		{Name: "CPU", Type: "string", Description: "CPU used, in thousandths of a core, averaged over the window."},
		{Name: "Memory", Type: "string", Description: "Working set, in mebibytes."},
		{Name: "Window", Type: "string", Description: "Length of time that the CPU is averaged over."},
		{Name: "Timestamp", Type: "string", Format: "date-time", Priority: 1, Description: "End of the window."},
	}
}

func (r Row) cells() []any {
	var cpu, memory resource.Quantity
	for _, list := range r.Usage {
		cpu.Add(*list.Cpu())
		memory.Add(*list.Memory())
	}
	return []any{
		fmt.Sprintf("%dm", cpu.MilliValue()),
		fmt.Sprintf("%dMi", memory.Value()>>20),
		r.Window.Round(100 * time.Millisecond).String(),
		r.Timestamp.UTC().Format(time.RFC3339),
	}
}
