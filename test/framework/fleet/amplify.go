package fleet

import (
	"bytes"
	"fmt"
	"strings"
)

// Responses that are small as bytes and large as what a reader may build from them.

// NullPods returns a summary of so many pods that are null, of 5 bytes each.
func NullPods(pods int) Fault {
	return fixed(fmt.Sprintf("%d null pods", pods), contentTypeJSON, func() []byte {
		list := bytes.Repeat([]byte("null,"), pods)
		return fmt.Appendf(nil, `{"node":{"nodeName":"n"},"pods":[%s]}`, bytes.TrimSuffix(list, []byte(",")))
	})
}

// ManyLabels returns the healthy series' name on one line with so many labels, of 5 bytes each.
func ManyLabels(labels int) Fault {
	return fixed(fmt.Sprintf("%d labels", labels), contentTypeText, func() []byte {
		return oneLine(strings.Repeat(`a="",`, labels))
	})
}

// LongLabel returns one line, in which a container's name has so many bytes.
func LongLabel(size int) Fault {
	return fixed(fmt.Sprintf("a label of %d bytes", size), contentTypeText, func() []byte {
		return oneLine(`container="` + strings.Repeat("a", size) + `",namespace="n",pod="p"`)
	})
}

// ShortLines returns so many lines that each are as short as a series can be.
func ShortLines(lines int) Fault {
	return fixed(fmt.Sprintf("%d short lines", lines), contentTypeText, func() []byte {
		return append(bytes.Repeat([]byte("a 1\n"), lines), "resource_scrape_error 0\n"...)
	})
}

func oneLine(labels string) []byte {
	return []byte("container_cpu_usage_seconds_total{" + labels + "} 1 1000\nresource_scrape_error 0\n")
}

// fixed returns the same body each time, which is made when the fault is.
func fixed(name, contentType string, body func() []byte) Fault {
	made := body()
	return Fault{name: name, serve: func(x *exchange) {
		x.w.Header().Set("Content-Type", contentType)
		_, _ = x.w.Write(made) // A reader that has gone is its own affair.
	}}
}
