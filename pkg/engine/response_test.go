package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadResponse(t *testing.T) {
	matrix := func(series string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[` + series + `]}}`
	}
	for _, tt := range []struct {
		name, text string
		// series are the series of the response, one on each line, and outcome what comes beside them.
		series  string
		outcome outcome
		err     error
	}{
		{"none", matrix(""), "", outcome{status: "success"}, nil},
		{"one", matrix(`{"metric":{"__name__":"up","node":"a"},"values":[[1700000000.123,"1"],[1700000015,"0.25"]]}`),
			"__name__=up node=a: 1700000000123 1, 1700000015000 0.25", outcome{status: "success", series: 1}, nil},
		{"escapes and values that are no numbers", matrix(`{"metric":{"a\"b":"\u00e9\\"},"values":[[1,"NaN"],[2,"+Inf"],[3,"1e400"],[4,"-2e-3"]]}`),
			`a"b=é\: 2000 +Inf, 3000 +Inf, 4000 -0.002`, outcome{status: "success", series: 1}, nil},
		{"values before labels, and members that were not asked for", matrix(`{"values":[[1,"1"]],"histograms":[[1,{"count":"1"}]],"metric":{"a":"b"}}`),
			"a=b: 1000 1", outcome{status: "success", series: 1}, nil},
		{"a space", "\n" + matrix(`{ "metric" : {} , "values" : [ [ 1 , "1" ] ] }`), ": 1000 1", outcome{status: "success", series: 1}, nil},
		{"null", `{"status":"success","data":{"resultType":"matrix","result":null},"warnings":null}`, "", outcome{status: "success"}, nil},
		{"warnings", `{"status":"success","warnings":["a store is away","b"],"infos":["c"],"data":{"resultType":"matrix","result":[]}}`, "",
			outcome{status: "success", warnings: 2, warning: "a store is away"}, nil},
		{"partial", `{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]},"stats":{"seriesFetched":"1"}}`, "",
			outcome{status: "success", partial: true}, nil},
		{"an error", `{"status":"error","errorType":"bad_data","error":"no such thing"}`, "",
			outcome{status: "error", errorType: "bad_data", errorText: "no such thing"}, nil},
		{"a long error", `{"status":"error","error":"` + strings.Repeat("x", 10_000) + `"}`, "",
			outcome{status: "error", errorText: strings.Repeat("x", maxText)}, nil},
		{"a vector", `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]}}`, "a=b: 1000 2", outcome{status: "success", series: 1}, nil},
		{"a number", `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`, "", outcome{status: "success"}, errNoSamples},
		{"a page", "<html>", "", outcome{}, errSyntax},
		{"another JSON", `{"kind":"Status"}`, "", outcome{}, errSyntax},
		{"a list", `[]`, "", outcome{}, errSyntax},
		{"no sample", matrix(`{"metric":{},"values":[["x","1"]]}`), "", outcome{status: "success"}, errSyntax},
		{"a sample of one", matrix(`{"metric":{},"values":[[1]]}`), "", outcome{status: "success"}, errSyntax},
		{"a time without end", matrix(`{"metric":{},"values":[[1e300,"1"]]}`), "", outcome{status: "success"}, errSyntax},
		{"a label that is no text", matrix(`{"metric":{"a":{}},"values":[]}`), "", outcome{status: "success"}, errSyntax},
		{"a long label", matrix(`{"metric":{"a":"` + strings.Repeat("x", maxLabel) + `"},"values":[]}`), "", outcome{status: "success"}, errSyntax},
		{"a long name", matrix(`{"metric":{"` + strings.Repeat("x", maxLabel+1) + `":"a"},"values":[]}`), "", outcome{status: "success"}, errSyntax},
		{"many labels", matrix(`{"metric":{` + strings.Repeat(`"a":"b",`, maxLabels) + `"a":"b"},"values":[]}`), "", outcome{status: "success"}, errSyntax},
		{"many samples", matrix(`{"metric":{},"values":[` + strings.Repeat(`[1,"1"],`, maxPoints) + `[1,"1"]]}`), "", outcome{status: "success"}, errSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var series []string
			got, err := readResponse(strings.NewReader(tt.text), func(labels []label, points []point) { series = append(series, render(labels, points)) })
			if !errors.Is(err, tt.err) || err != nil && tt.err == nil {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.series, strings.Join(series, "\n")); diff != "" {
				t.Errorf("series (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.outcome, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func render(labels []label, points []point) string {
	var l, p []string
	for _, of := range labels {
		l = append(l, string(of.name)+"="+string(of.value))
	}
	for _, at := range points {
		p = append(p, fmt.Sprint(at.time, " ", at.value))
	}
	return strings.Join(l, " ") + ": " + strings.Join(p, ", ")
}

// TestTruncatedResponse cuts a response at each byte: no part of it is a response.
func TestTruncatedResponse(t *testing.T) {
	const whole = `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":[[1,"1"]]}]}}`
	for i := range len(whole) {
		if _, err := readResponse(strings.NewReader(whole[:i]), func([]label, []point) {}); err == nil {
			t.Errorf("%q is a response", whole[:i])
		}
	}
}
