package scenario

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is one of the JSON format of k8s.io/kubelet/pkg/apis/stats/v1alpha1. The kubelet's own types cannot have the values
// that only a broken kubelet sends.
type object map[string]any

// summary renders a response of /stats/summary.
func summary(node string, all []subject) (string, error) {
	response := object{"node": object{"nodeName": node}}
	var pods []object
	for _, s := range all {
		stats, err := s.stats()
		if err != nil {
			return "", err
		}
		switch s.level() {
		case nodeLevel:
			stats["nodeName"] = node
			addDisk(stats, "fs", s.disk)
			response["node"] = stats
		case podLevel:
			pods = append(pods, podStats(s, stats))
		case containerLevel:
			stats["name"] = s.container
			addDisk(stats, "rootfs", s.disk)
			addDisk(stats, "logs", s.logs)
			pods = addContainerStats(pods, s, stats)
		}
	}
	response["pods"] = pods
	text, err := json.MarshalIndent(response, "", " ")
	return string(text), err
}

func podStats(s subject, stats object) object {
	stats["podRef"] = object{"namespace": s.namespace, "name": s.pod, "uid": s.uid}
	return stats
}

// addContainerStats adds a container to the newest entry of its pod.
func addContainerStats(pods []object, s subject, stats object) []object {
	for _, pod := range slices.Backward(pods) {
		ref := pod["podRef"].(object)
		if ref["namespace"] == s.namespace && ref["name"] == s.pod && ref["uid"] == s.uid {
			containers, _ := pod["containers"].([]object)
			pod["containers"] = append(containers, stats)
			return pods
		}
	}
	return append(pods, podStats(s, object{"containers": []object{stats}}))
}

// stats are the values of a subject; a value that is not sent is not there, nor is a group without one.
func (s subject) stats() (object, error) {
	stats := object{}
	if s.start.known {
		stats["startTime"] = s.start.text()
	}
	if s.cpu != "" || s.rate != "" {
		cpu := object{"time": s.read.text()}
		if s.rate != "" {
			cpu["usageNanoCores"] = json.Number(s.rate)
		}
		if s.cpu != "" {
			nanos, err := nanoseconds(s.cpu)
			if err != nil {
				return nil, err
			}
			cpu["usageCoreNanoSeconds"] = json.Number(nanos)
		}
		stats["cpu"] = cpu
	}
	if s.memory != "" {
		stats["memory"] = object{"time": s.memoryRead.text(), "workingSetBytes": json.Number(s.memory)}
	}
	if err := s.addPressure(stats); err != nil {
		return nil, err
	}
	if s.swap != "" {
		stats["swap"] = object{"time": s.read.text(), "swapUsageBytes": json.Number(s.swap)}
	}
	return stats, nil
}

// addPressure adds the averages where the kubelet has them: in the objects of CPU and memory.
func (s subject) addPressure(stats object) error {
	for _, average := range strings.FieldsFunc(s.psi, func(r rune) bool { return r == ',' }) {
		name, percent, _ := strings.Cut(average, ":")
		words := strings.Split(name, "-")
		if len(words) != 3 || words[2] != "10s" && words[2] != "60s" {
			return fmt.Errorf("%q: pressure reads cpu-some-10s:0.53", average)
		}
		data := stats.member(words[0]).member("psi").member(words[1])
		data["avg"+strings.TrimSuffix(words[2], "s")] = json.RawMessage(percent)
	}
	return nil
}

// member is the object under a name, which is made where there is none.
func (o object) member(name string) object {
	if _, ok := o[name].(object); !ok {
		o[name] = object{}
	}
	return o[name].(object)
}

func addDisk(stats object, name, used string) {
	used, capacity, bounded := strings.Cut(used, "/")
	if used == "" {
		return
	}
	fs := object{"usedBytes": json.Number(inBytes(used))}
	if bounded {
		fs["capacityBytes"] = json.Number(inBytes(capacity))
	}
	stats[name] = fs
}

// text is the moment in whole seconds, as kubelets write it; nil where it is not known.
func (m moment) text() any {
	if !m.known {
		return nil
	}
	return time.UnixMilli(m.ms).UTC().Format(time.RFC3339)
}

func nanoseconds(coreSeconds string) (string, error) {
	v, err := strconv.ParseFloat(coreSeconds, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return "", fmt.Errorf("JSON has no number %q: use the endpoint resource", coreSeconds)
	}
	return strconv.FormatFloat(math.Round(v*1e9), 'f', -1, 64), nil
}
