package sinks

import (
	"fmt"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// dashboardQuery is a query of Heapster's dashboards: the sum of a measurement's values in each interval.
type dashboardQuery struct {
	measurement, level string
	// by is the tag that the query groups by; empty for none.
	by string
	// where are further conditions.
	where string
	// want are the true values by the values of the tag.
	want map[string]float64
}

func (q dashboardQuery) name() string {
	return strings.ReplaceAll(strings.Join([]string{q.level, q.measurement, q.by}, " "), "/", " ")
}

// interval is what Grafana's $interval is to be: the sink writes each object once in it.
const interval = time.Minute

// text is the query with the variables of Grafana replaced, for the last complete interval.
func (q dashboardQuery) text() string {
	by := ""
	if q.by != "" {
		by = fmt.Sprintf(", %q", q.by)
	}
	end := time.Now().Truncate(interval)
	return fmt.Sprintf(`SELECT sum("value") FROM "%s" WHERE "type" = '%s'%s AND time >= %ds AND time < %ds GROUP BY time(%ds)%s fill(null)`,
		q.measurement, q.level, q.where, end.Add(-interval).Unix(), end.Unix(), interval/time.Second, by)
}

// rounding is by how much a value is off because it is a whole number: of millicores, for each object that a sum has.
func (q dashboardQuery) rounding() float64 {
	switch {
	case q.measurement != "cpu/usage_rate":
		return 0
	case q.by == "" && q.level == "node":
		return nodes / 2
	default:
		return 0.5
	}
}

// dashboards are the queries of the dashboard of the cluster, of one node, and of one pod.
func dashboards() []dashboardQuery {
	var all []dashboardQuery
	perNode := map[string]map[string]float64{}
	for _, node := range env.Fleet.Nodes() {
		for measurement, value := range nodeTruth(node) {
			if perNode[measurement] == nil {
				perNode[measurement] = map[string]float64{}
			}
			perNode[measurement][node] = value
		}
	}
	one := env.Fleet.Nodes()[3]
	for measurement, want := range perNode {
		sum := 0.0
		for _, value := range want {
			sum += value
		}
		all = append(all,
			dashboardQuery{measurement: measurement, level: "node", want: map[string]float64{"": sum}},
			dashboardQuery{measurement: measurement, level: "node", by: "nodename", want: want},
			dashboardQuery{measurement: measurement, level: "node", by: "nodename", where: ` AND "nodename" =~ /` + one + `$/`, want: map[string]float64{one: want[one]}},
		)
	}
	return append(all, podQueries(env.Fleet.Pods()[7])...)
}

// nodeTruth is what the fleet has of a node.
func nodeTruth(node string) map[string]float64 {
	cores, bytes, _ := env.Fleet.NodeTruth(node)
	const containers = podsPerNode * containersPerPod
	return map[string]float64{
		"cpu/usage_rate": 1000 * cores, "cpu/request": containers * requestCPU, "cpu/limit": containers * limitCPU,
		"memory/usage": float64(fleet.MemoryUsage(bytes)), "memory/working_set": float64(bytes),
		"memory/request": containers * requestMemory, "memory/limit": containers * limitMemory,
		"network/rx_rate": fleet.NetworkReceived, "network/tx_rate": fleet.NetworkSent,
		"filesystem/usage": fleet.RootFSUsed, "filesystem/limit": fleet.DiskCapacity,
	}
}

// podQueries are those of the dashboard of pods.
func podQueries(p fleet.PodTruth) []dashboardQuery {
	where := fmt.Sprintf(` AND "namespace_name" =~ /%s$/ AND "pod_name" =~ /%s$/`, p.Namespace, p.Name)
	all := []dashboardQuery{
		{measurement: "network/rx_rate", level: "pod", where: where, want: map[string]float64{"": fleet.NetworkReceived}},
		{measurement: "network/tx_rate", level: "pod", where: where, want: map[string]float64{"": fleet.NetworkSent}},
		{measurement: "filesystem/usage", level: "pod", where: where, want: map[string]float64{"": containersPerPod * fleet.ContainerDisk}},
		{measurement: "filesystem/limit", level: "pod", where: where, want: map[string]float64{"": fleet.DiskCapacity}},
	}
	perContainer := map[string]map[string]float64{}
	for _, c := range p.Containers {
		for measurement, value := range map[string]float64{
			"cpu/usage_rate": 1000 * c.CPU, "cpu/request": requestCPU, "cpu/limit": limitCPU,
			"memory/usage": float64(fleet.MemoryUsage(c.Memory)), "memory/working_set": float64(c.Memory),
			"memory/request": requestMemory, "memory/limit": limitMemory,
		} {
			if perContainer[measurement] == nil {
				perContainer[measurement] = map[string]float64{}
			}
			perContainer[measurement][c.Name] = value
		}
	}
	for measurement, want := range perContainer {
		all = append(all, dashboardQuery{measurement: measurement, level: "pod_container", by: "container_name", where: where, want: want})
	}
	return all
}
