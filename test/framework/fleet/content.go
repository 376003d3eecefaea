package fleet

import (
	"bytes"
	"strconv"
)

// rewritten returns what change makes of a healthy text, whose values are true. The other endpoints are served as always.
func rewritten(name string, change func(x *exchange, healthy []byte) []byte) Fault {
	return rewrittenAs(name, (*exchange).render, change)
}

func rewrittenAs(name string, render func(*exchange, *page) string, change func(x *exchange, healthy []byte) []byte) Fault {
	return Fault{name: name, path: PathResource, serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		contentType := render(x, p)
		x.send(contentType, change(x, p.body))
	}}
}

// series is a line of a text: the name with the labels, the value, and the time in milliseconds since the Unix epoch, which is nil where the line
// has none.
type series struct{ labels, value, time []byte }

// rewrittenSeries is rewritten where each series of a node or a container is changed by itself, and is true no longer.
func rewrittenSeries(name string, change func(s *series)) Fault {
	return rewrittenAs(name, (*exchange).renderUnlogged, func(_ *exchange, healthy []byte) (body []byte) {
		for line := range bytes.Lines(healthy) {
			s, ok := parseSeries(line)
			if !ok {
				body = append(body, line...)
				continue
			}
			change(&s)
			body = append(append(append(body, s.labels...), ' '), s.value...)
			if s.time != nil {
				body = append(append(body, ' '), s.time...)
			}
			body = append(body, '\n')
		}
		return body
	})
}

// parseSeries is false for comments, and for the gauge that ends the text.
func parseSeries(line []byte) (s series, ok bool) {
	if line[0] == '#' || bytes.HasPrefix(line, []byte("resource_scrape_error")) {
		return series{}, false
	}
	end := bytes.LastIndexByte(line, '}') + 1
	if end == 0 {
		end = bytes.IndexByte(line, ' ')
	}
	numbers := bytes.Fields(line[end:])
	s = series{labels: line[:end], value: numbers[0]}
	if len(numbers) > 1 {
		s.time = numbers[1]
	}
	return s, true
}

// Values returns the healthy text with one value for all series, as the text has it: "NaN", "-1" or "1e300" for example.
func Values(value string) Fault {
	return rewrittenSeries("the value "+value, func(s *series) { s.value = []byte(value) })
}

// WithoutLabels returns the healthy text and a series of each of the containers' metrics that has no labels.
func WithoutLabels() Fault {
	return rewritten("series without labels", func(_ *exchange, healthy []byte) []byte {
		return append([]byte("container_cpu_usage_seconds_total 1 1000\ncontainer_memory_working_set_bytes 1 1000\ncontainer_start_time_seconds 1\n"), healthy...)
	})
}

// InvalidUTF8 returns the healthy text and a series whose labels are not UTF-8.
func InvalidUTF8() Fault {
	return rewritten("invalid UTF-8", func(_ *exchange, healthy []byte) []byte {
		return append([]byte("container_cpu_usage_seconds_total{container=\"\xff\xfe\",namespace=\"n\",pod=\"\xc3\x28\"} 1 1000\n"), healthy...)
	})
}

// Duplicates returns the healthy text with each series so many times, one after the other.
func Duplicates(times int) Fault {
	return rewritten(count(times, "times each series"), func(_ *exchange, healthy []byte) (body []byte) {
		for line := range bytes.Lines(healthy) {
			n := times
			if _, ok := parseSeries(line); !ok {
				n = 1
			}
			body = append(body, bytes.Repeat(line, n)...)
		}
		return body
	})
}

// Cut returns the first half of a healthy body, to the middle of a line, and with a length that fits it.
func Cut() Fault {
	return Fault{name: "a cut", serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		x.w.Header().Set("Content-Type", x.renderUnlogged(p))
		half := bytes.TrimRight(p.body[:len(p.body)/2], "\n")
		x.w.Header().Set("Content-Length", strconv.Itoa(len(half)))
		_, _ = x.w.Write(half)
	}}
}
