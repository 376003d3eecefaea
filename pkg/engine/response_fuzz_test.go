package engine

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzQueryResponse checks that no response stops the process, that a part of a response is none, and that what is read of it can be put: containers have
// names, one each, and no more of them than there were series.
func FuzzQueryResponse(f *testing.F) {
	series := func(labels, values string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"node":"n1",` + labels + `},"values":[` + values + `]}]}}`
	}
	const container = `"__name__":"container_cpu_usage_seconds_total","namespace":"ns","pod":"p","container":"c"`
	for _, seed := range []string{
		series(container, `[1700000000.5,"1.5"],[1700000015.5,"2.5"]`),
		series(container+`,"id":"/kubepods/x"`, `[-1,"NaN"],[1e15,"-Inf"],[0,"1e400"]`),
		series(`"__name__":"container_start_time_seconds","namespace":"ns","pod":"p","container":"c"`, `[1,"1.7e9"]`),
		series(`"__name__":"node_memory_working_set_bytes"`, `[1,"-1"]`),
		series(`"__name__":"up","job":"\ud800"`, `[1,"0"]`),
		`{"status":"error","errorType":"x","error":"y"}`, `{"status":"success","warnings":["a"],"isPartial":true}`,
		`{"status":"success","data":{"resultType":"vector"}}`, `[]`, `{"data":{"result":[{"metric":null,"values":null}]}}`, "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := newAssembler(&Selection{Labels: usualLabels, Replica: []string{"replica"}}, []string{"n1", "n2"})
		got, err := readResponse(strings.NewReader(text), a.add)
		if err != nil && !errors.Is(err, errSyntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %v", err)
		}
		if err != nil {
			return
		}
		for _, n := range a.nodes {
			chosen, err := n.choose("", 90_000)
			if err != nil {
				continue
			}
			for _, stamped := range []bool{true, false} {
				checkSamples(t, chosen, stamped, got.series)
			}
		}
	})
}

func checkSamples(t *testing.T, c *seriesCopy, stamped bool, series int) {
	t.Helper()
	a := nodeResponse{seriesCopy: c, stamped: stamped}
	_, a.newest = c.bounds()
	_, newest := a.samples(true)
	containers := 0
	for _, p := range newest.Pods {
		names := map[string]bool{}
		for _, of := range p.Containers {
			containers++
			if of.Name == "" || of.Name == "POD" || names[of.Name] || of.CPU.Known && of.CPU.Time <= 0 {
				t.Errorf("pod %s/%s has the container %+v", p.Namespace, p.Name, of)
			}
			names[of.Name] = true
		}
	}
	if containers > series {
		t.Errorf("%d containers of %d series", containers, series)
	}
}
