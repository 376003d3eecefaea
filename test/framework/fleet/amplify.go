package fleet

import (
	"fmt"
	"strconv"
)

// Responses that are small as bytes and large as what a reader may build from them.

// NullPods returns a summary of so many pods that are null, of 5 bytes each.
func NullPods(pods int) Fault {
	return repeated(count(pods, "null pods"), contentTypeJSON, `{"node":{"nodeName":"n"},"pods":[null`, ",null", pods-1, "]}")
}

// ManyLabels returns the healthy series' name on one line with so many labels, of 5 bytes each.
func ManyLabels(labels int) Fault {
	return repeated(count(labels, "labels"), contentTypeText, "container_cpu_usage_seconds_total{", `a="",`, labels, "} 1 1000\n"+gaugeLine)
}

// LongLabel returns one line, in which a container's name has so many bytes.
func LongLabel(size int) Fault {
	return repeated(fmt.Sprintf("a label of %d bytes", size), contentTypeText, `container_cpu_usage_seconds_total{container="`, "a", size,
		`",namespace="n",pod="p"} 1 1000`+"\n"+gaugeLine)
}

// ShortLines returns so many lines that each are as short as a series can be.
func ShortLines(lines int) Fault {
	return repeated(count(lines, "short lines"), contentTypeText, "", "a 1\n", lines, gaugeLine)
}

func count(n int, of string) string { return strconv.Itoa(n) + " " + of }
