package fleet

import "strings"

// repeated returns a body that is a piece so many times, between a head and a tail. It is made while it is sent: no more than a part of it is in
// memory.
func repeated(name, contentType, head, piece string, times int, tail string) Fault {
	return Fault{name: name, serve: func(x *exchange) {
		x.w.Header().Set("Content-Type", contentType)
		perChunk := max(sentAtOnce/len(piece), 1)
		pieces := strings.Repeat(piece, perChunk)
		_, err := x.w.Write([]byte(head))
		for left := times; left > 0 && err == nil; left -= perChunk {
			_, err = x.w.Write([]byte(pieces[:min(left, perChunk)*len(piece)]))
		}
		if err == nil {
			_, _ = x.w.Write([]byte(tail)) // A reader that has gone is its own affair.
		}
	}}
}

// sentAtOnce is about how much of such a body is sent at once, in bytes.
const sentAtOnce = 64 << 10

// endless returns a body that is a piece again and again, until the fault ends or the client has gone.
func endless(name, contentType, head, piece string) Fault {
	return Fault{name: name, serve: func(x *exchange) {
		x.w.Header().Set("Content-Type", contentType)
		if _, err := x.w.Write([]byte(head)); err == nil {
			x.flood(x.w, piece)
		}
	}}
}

// EndlessLines returns a text whose series do not end.
func EndlessLines() Fault { return endless("endless lines", contentTypeText, "", oneSeries) }

// EndlessLine returns a text whose first line does not end.
func EndlessLine() Fault {
	return endless("an endless line", contentTypeText, `container_cpu_usage_seconds_total{container="`, "aaaaaaaa")
}

// EndlessList returns a summary whose list of pods does not end.
func EndlessList() Fault {
	return endless("an endless list", contentTypeJSON, `{"node":{"nodeName":"n"},"pods":[{}`, ",{}")
}

// ManySeries returns a text of so many series of one container.
func ManySeries(series int) Fault {
	return repeated(count(series, "series"), contentTypeText, "", oneSeries, series, gaugeLine)
}

const (
	// oneSeries is a line of a container that no pod has.
	oneSeries = `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} 1 1000` + "\n"
	// gaugeLine is the last line of a healthy text.
	gaugeLine = "resource_scrape_error 0\n"
)
