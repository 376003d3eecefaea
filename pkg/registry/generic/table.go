package generic

import (
	"context"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Row is what a table shows of one object. It is shared and never changed.
type Row struct {
	// Containers are those of a pod, in the order of its object, or the one entry of a node, which has no name. A row shows their sum.
	Containers []usage.Container
	// Window is what the CPU rate is an average of, and Time its end.
	Window time.Duration
	Time   time.Time
	// Node is where a pod runs.
	Node string
}

// ConvertToTable prints what Get or List returned, in the units of kubectl top: a row for each object. Of another object, such as the bookmark
// of a watch, it shows nothing, and keeps the metadata. The error names an object without metadata.
func (r *REST[O, U]) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	described, err := meta.CommonAccessor(object)
	if err != nil {
		return nil, fmt.Errorf("make a table of %T: %w", object, err)
	}
	o, _ := options.(*metav1.TableOptions)
	table := &metav1.Table{ListMeta: metav1.ListMeta{ResourceVersion: described.GetResourceVersion()}}
	if o == nil || !o.NoHeaders {
		table.ColumnDefinitions = r.columns()
	}
	now, asAPI := r.Now(), o != nil && o.IncludeObject == metav1.IncludeObject
	switch object := object.(type) {
	case *List[O, U]:
		table.Continue, table.RemainingItemCount = object.Continue, object.RemainingItemCount
		table.Rows = make([]metav1.TableRow, len(object.Items))
		for i := range object.Items {
			table.Rows[i] = r.tableRow(&object.Items[i], now, asAPI)
		}
	case *Item[O, U]:
		table.Rows = []metav1.TableRow{r.tableRow(object, now, asAPI)}
	default:
		table.Rows = []metav1.TableRow{{Cells: make([]any, len(r.columns())), Object: runtime.RawExtension{Object: object}}}
	}
	return table, nil
}

// tableRow is the row of one object. It comes with an object of the API's types where the client asks for that, which the library then converts.
func (r *REST[O, U]) tableRow(item *Item[O, U], now time.Time, asAPI bool) metav1.TableRow {
	row := r.Row(item.Object, item.Used)
	cells := append([]any{r.Key(item.Object).Name}, row.cells(now)...)
	if r.Namespaced {
		cells = append(cells, row.Node, row.byContainer())
	}
	if asAPI {
		return metav1.TableRow{Cells: cells, Object: runtime.RawExtension{Object: item.API()}}
	}
	return metav1.TableRow{Cells: cells, Object: runtime.RawExtension{Object: item}}
}

// columns are the headers of the cells of a row. All but those of priority 0 are shown in wide tables alone.
func (r *REST[O, U]) columns() []metav1.TableColumnDefinition {
	columns := []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name", Description: "Name of the object that the numbers belong to."},
		{Name: "CPU", Type: "string", Description: "CPU used, in thousandths of a core, averaged over the window."},
		{Name: "Memory", Type: "string", Description: "Working set, in mebibytes."},
		{Name: "Window", Type: "string", Description: "Length of time that the CPU is averaged over."},
		{Name: "Age", Type: "string", Description: "Time since the end of the window, when the kubelet read the CPU time: not the age of the object."},
	}
	if !r.Namespaced {
		return columns
	}
	return append(columns,
		metav1.TableColumnDefinition{Name: "Node", Type: "string", Priority: 1, Description: "Node that the pod runs on."},
		metav1.TableColumnDefinition{Name: "Containers", Type: "string", Priority: 1, Description: "CPU and memory of each container."})
}

func (r *Row) cells(now time.Time) []any {
	var cpu, memory uint64
	for i := range r.Containers {
		cpu, memory = sum(cpu, r.Containers[i].CPU), sum(memory, r.Containers[i].Memory)
	}
	return []any{millicores(cpu), mebibytes(memory), r.Window.Round(100 * time.Millisecond).String(), age(now.Sub(r.Time))}
}

// byContainer is a list such as "web:12m/64Mi,proxy:1m/8Mi".
func (r *Row) byContainer() string {
	var text strings.Builder
	for i := range r.Containers {
		c := &r.Containers[i]
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(c.Name + ":" + millicores(c.CPU) + "/" + mebibytes(c.Memory))
	}
	return text.String()
}

// sum is the largest number where that is less than the sum.
func sum(a, b uint64) uint64 {
	s, carry := bits.Add64(a, b, 0)
	return s | -carry
}

// millicores rounds up, as kubectl top does.
func millicores(nanocores uint64) string {
	const nanosPerMilli = 1e6
	whole := nanocores / nanosPerMilli
	if nanocores%nanosPerMilli > 0 {
		whole++
	}
	return fmt.Sprintf("%dm", whole)
}

func mebibytes(bytes uint64) string { return fmt.Sprintf("%dMi", bytes>>20) }

// age is negative where the clock of the node is ahead.
func age(d time.Duration) string {
	if d <= -time.Second {
		return "-" + duration.HumanDuration(-d)
	}
	return duration.HumanDuration(max(d, 0))
}
