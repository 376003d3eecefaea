package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSeriesOfCAdvisor has the series of cAdvisor: those of cgroups of pods, of sandboxes and of slices are of no container, the node is a container without
// a name, and a container that was restarted has series of two instances.
func TestSeriesOfCAdvisor(t *testing.T) {
	const of = `"node":"n1","job":"kubelet","metrics_path":"/metrics/cadvisor"`
	series := func(name, labels, values string) string {
		return fmt.Sprintf(`{"metric":{"__name__":%q,%s,%s},"values":[%s]},`, name, of, labels, values)
	}
	const (
		cpu, memory, start = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds"
		old                = `"id":"/kubepods/pod1/old","name":"k8s_c_old","image":"i","namespace":"ns","pod":"p","container":"c"`
		young              = `"id":"/kubepods/pod1/new","name":"k8s_c_new","image":"i2","namespace":"ns","pod":"p","container":"c"`
	)
	got := sampleOf(t, series(cpu, `"id":"/","cpu":"total"`, `[1700000000,"900"]`)+series(memory, `"id":"/"`, `[1700000000,"1000"]`)+
		series(cpu, young+`,"cpu":"cpu00"`, `[1700000009,"1"]`)+
		series(cpu, `"id":"/kubepods","cpu":"total"`, `[1700000001,"800"]`)+
		series(cpu, `"id":"/kubepods/pod1","cpu":"total","namespace":"ns","pod":"p"`, `[1700000001,"7"]`)+
		series(cpu, `"id":"/kubepods/pod1/x","namespace":"ns","pod":"p","container":"POD"`, `[1700000001,"1"]`)+
		series(cpu, old+`,"cpu":"total"`, `[1699999990,"5"]`)+series(memory, old, `[1699999990,"50"]`)+series(start, old, `[1699999990,"1699990000"]`)+
		series(cpu, young+`,"cpu":"total"`, `[1700000002,"2"]`)+series(memory, young, `[1700000002,"20"]`)+series(start, young, `[1700000002,"1699999995"]`)+`{"metric":{},"values":[]}`)
	var containers []string
	for _, p := range got.Pods {
		for _, c := range p.Containers {
			containers = append(containers, fmt.Sprintf("%s/%s/%s cpu %d memory %d start %d", p.Namespace, p.Name, c.Name, c.CPU.Value, c.Memory.Value, c.Start))
		}
	}
	if diff := cmp.Diff([]string{"ns/p/c cpu 2000000000 memory 20 start 1699999995000000000"}, containers); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if got.CPU.Value != 900e9 || got.Memory.Value != 1000 {
		t.Errorf("the node uses %d ns and %d bytes", got.CPU.Value, got.Memory.Value)
	}
}
