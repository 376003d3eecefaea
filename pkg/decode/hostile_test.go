package decode

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// shape makes a response that costs a decoder as much as possible, of about so many bytes.
type shape struct {
	name string
	make func(size int) []byte
}

const (
	series       = "container_cpu_usage_seconds_total"
	beginSummary = `{"node":{"nodeName":"n","cpu":{"usageCoreNanoSeconds":1}},"pods":[`
	beginPod     = `{"podRef":{"name":"p","namespace":"n"},"containers":[`
)

// repeated is a text between two others, as often as fits.
func repeated(before, text, after string) func(int) []byte {
	return func(size int) []byte {
		return []byte(before + strings.Repeat(text, max(1, size/len(text))) + after)
	}
}

// numbered is repeated, with a number of its own in each.
func numbered(before, format, after string) func(int) []byte {
	return func(size int) []byte {
		out := bytes.NewBufferString(before)
		for i := 0; out.Len() < size; i++ {
			fmt.Fprintf(out, format, i)
		}
		out.WriteString(after)
		return out.Bytes()
	}
}

// hostileTexts are for /metrics/resource, hostileSummaries for /stats/summary.
var (
	hostileTexts = []shape{
		{"one pod with many containers", numbered("", series+`{container="c%d",namespace="n",pod="p"} 1 1000`+"\n", "")},
		{"many pods of one container", numbered("", series+`{container="c",namespace="n",pod="p%d"} 1 1000`+"\n", "")},
		{"many namespaces", numbered("", series+`{container="c",namespace="n%[1]d",pod="p%[1]d"} 1 1000`+"\n", "")},
		{"containers without an order", numbered("", series+`{pod="p",container="c%d",namespace="n"} 1`+"\nnode_swap_usage_bytes 1\n", "")},
		{"one container again and again", repeated("", cpuOfC+"1 1000\n", "")},
		{"two containers alternately", repeated("", cpuOfC+"1 1000\n"+memoryOfD+"1\n", "")},
		{"containers again and again", numbered("", series+`{container="c",namespace="n",pod="p%[1]d"} 1 1000`+"\n"+series+`{container="c",namespace="n",pod="p%[1]d"} 2 2000`+"\n", "")},
		{"the node again and again", repeated("", "node_swap_usage_bytes 1\n", "")},
		{"health again and again", repeated("", "scrape_error 0\n", "")},
		{"long names", numbered("", series+`{container="c",namespace="n",pod="`+strings.Repeat("p", 240)+`%d"} 1`+"\n", "")},
		{"names that are too long", numbered("", series+`{container="c",namespace="n",pod="`+strings.Repeat("p", 1000)+`%d"} 1`+"\n", "")},
		{"many labels", repeated(series+"{", `a="",`, "} 1\nscrape_error 0\n")},
		{"as many labels as a line may have", numbered("", series+"{"+strings.Repeat(`a%[1]d="",`, 31)+"} 1\n", "")},
		{"one long label", repeated(series+`{container="`, "a", "\",namespace=\"n\",pod=\"p\"} 1\nscrape_error 0\n")},
		{"a long label of escapes", repeated(series+`{container="`, `\\`, "\",namespace=\"n\",pod=\"p\"} 1\nscrape_error 0\n")},
		{"lines of escapes", numbered("", series+`{container="`+strings.Repeat(`\\`, 30)+`",namespace="n",pod="%d"} 1`+"\n", "")},
		{"shortest lines", repeated("scrape_error 0\n", "a 1\n", "")},
		{"empty lines", repeated("scrape_error 0\n", "\n", "")},
		{"one line without an end", repeated("scrape_error 0\n", "a", "")},
		{"spaces", repeated("scrape_error 0\n", " ", "scrape_error 0\n")},
		{"a long number", repeated(cpuOfC, "1", "\nscrape_error 0\n")},
		{"quotes that stay open", func(size int) []byte {
			return append(bytes.Repeat([]byte(series+`{container="`+"\n"), maxBadLines), repeated("", cpuOfC+"1\n", "")(size)...)
		}},
	}
	hostileSummaries = []shape{
		{"null pods", repeated(beginSummary, "null,", "null]}")},
		{"numbers for pods", repeated(beginSummary, "1,", "1]}")},
		{"empty pods", repeated(beginSummary, "{},", "{}]}")},
		{"pods without a name", repeated(beginSummary, `{"podRef":null},`, "{}]}")},
		{"one pod with null containers", repeated(beginSummary+beginPod, "null,", "null]}]}")},
		{"one pod with empty containers", repeated(beginSummary+beginPod, "{},", "{}]}]}")},
		{"one pod with many containers", numbered(beginSummary+beginPod, `{"name":"%d"},`, "{}]}]}")},
		{"one pod with one container again and again", repeated(beginSummary+beginPod, `{"name":"c"},`, "{}]}]}")},
		{"one pod with the details of one container again and again", repeated(beginSummary+beginPod, `{"name":"c","logs":{"usedBytes":1}},`, "{}]}]}")},
		{"pods without a name, with details", repeated(beginSummary, `{"network":{"rxBytes":1}},`, "{}]}")},
		{"details of one pod again and again", repeated(beginSummary, `{"podRef":{"name":"p","namespace":"n"},"network":{"rxBytes":1},"containers":[{"name":"c","logs":{"usedBytes":1}}]},`, "{}]}")},
		{"one pod again and again", repeated(beginSummary, beginPod+`{"name":"c"}]},`, "{}]}")},
		{"one pod again and again, newer each time", numbered(beginSummary, beginPod+`{"name":"c%[1]d","memory":{"workingSetBytes":%[1]d}}]},`, "{}]}")},
		{"pods of seventeen containers", numbered(beginSummary, `{"podRef":{"name":"%d","namespace":"n"},"containers":[`+strings.Repeat(`{"name":"c"},`, 3)+
			`{"name":"0"},{"name":"1"},{"name":"2"},{"name":"3"},{"name":"4"},{"name":"5"},{"name":"6"},{"name":"7"},{"name":"8"},{"name":"9"},{"name":"a"},`+
			`{"name":"b"},{"name":"d"},{"name":"e"},{"name":"f"},{"name":"g"}]},`, "{}]}")},
		{"many pods of one container", numbered(beginSummary, `{"podRef":{"name":"%d","namespace":"n"},"containers":[{"name":"c","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}]},`, "{}]}")},
		{"many pods of their own container", numbered(beginSummary, `{"podRef":{"name":"%[1]d","namespace":"%[1]d"},"containers":[{"name":"%[1]d"}]},`, "{}]}")},
		{"many lists of pods", repeated(`{"node":{"nodeName":"n"},`, `"pods":[{"podRef":{"name":"p","namespace":"n"}}],`, `"x":0}`)},
		{"long names", numbered(beginSummary, `{"podRef":{"name":"`+strings.Repeat("p", 240)+`%d","namespace":"n"}},`, "{}]}")},
		{"names of escapes", numbered(beginSummary, `{"podRef":{"name":"`+strings.Repeat(`\u0070`, 240)+`%d","namespace":"n"}},`, "{}]}")},
		{"one long name", repeated(`{"node":{"nodeName":"`, "a", `"},"pods":[{}]}`)},
		{"one long name of escapes", repeated(`{"node":{"nodeName":"`, `\u0061`, `"},"pods":[{}]}`)},
		{"one long member", repeated(`{"`, "a", `":1,"node":{"nodeName":"n"}}`)},
		{"a long number", repeated(`{"node":{"nodeName":"n","memory":{"workingSetBytes":1`, "0", `}}}`)},
		{"a number that is a list", repeated(`{"node":{"nodeName":"n","memory":{"workingSetBytes":[0`, ",0", `]}}}`)},
		{"a time that is an object", repeated(`{"node":{"nodeName":"n","startTime":{"a":0`, `,"a":0`, `}}}`)},
		{"many members", numbered(`{"node":{"nodeName":"n"}`, `,"%d":1`, "}")},
		{"lists in lists", repeated(`{"node":{"nodeName":"n"},"x":`, "[", "")},
		{"lists in lists that end", func(size int) []byte {
			inner := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
			return repeated(`{"node":{"nodeName":"n"},"x":[`, inner+",", "0]}")(size)
		}},
		{"spaces", repeated(`{"node":{"nodeName":"n"}`, " ", "}")},
		{"a text that is cut", repeated(`{"node":{"nodeName":"`, "a", "")},
		{"pods that are cut", repeated(beginSummary, beginPod+`{"name":"c"}]},`, "")},
	}
)

// reader is a way to decode. Where it remembers, the second time is what is of interest.
type reader struct {
	name      string
	shapes    []shape
	remembers bool
	decode    func(t testing.TB) func(body []byte) error
}

// plain is the way to decode that remembers nothing.
func (r reader) plain() reader {
	if strings.HasPrefix(r.name, "Resource") {
		return readers[0]
	}
	return r
}

var readers = []reader{
	{"Resource", hostileTexts, false, func(testing.TB) func([]byte) error {
		return func(body []byte) error { _, err := resource(body); return err }
	}},
	{"ResourceDecoder", hostileTexts, false, func(t testing.TB) func([]byte) error {
		return func(body []byte) error {
			var n sample.Node
			return (&ResourceDecoder{Extra: sample.AllResources}).Decode(t.Context(), body, &n)
		}
	}},
	{"ResourceDecoder again", hostileTexts, true, func(t testing.TB) func([]byte) error {
		d := ResourceDecoder{Extra: sample.AllResources}
		var n sample.Node
		return func(body []byte) error { return d.Decode(t.Context(), body, &n) }
	}},
	{"Summary", hostileSummaries, false, func(testing.TB) func([]byte) error {
		return func(body []byte) error { _, err := summary(body); return err }
	}},
	{"Disk", hostileSummaries, false, func(testing.TB) func([]byte) error {
		return func(body []byte) error { _, err := disk(body); return err }
	}},
	{"Details", hostileSummaries, false, func(t testing.TB) func([]byte) error {
		return func(body []byte) error { _, err := detailsDecoder.decode(t.Context(), body); return err }
	}},
}
