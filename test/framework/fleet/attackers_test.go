package fleet

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAttackersRespond has a client read what each attacker sends.
func TestAttackersRespond(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	healthy := renderText(f, false)
	tests := []struct {
		fault Fault
		path  string
		want  func(reply) bool
	}{
		{ManyContainers(1000), PathResource, func(r reply) bool {
			return r.Status == 200 && strings.Count(r.Body, `container_cpu_usage_seconds_total{container="c`) == 1000 &&
				strings.HasSuffix(r.Body, healthy)
		}},
		{ManyContainers(1000), PathSummary, func(r reply) bool {
			return r.Status == 200 && strings.Count(r.Body, `"usageCoreNanoSeconds": 1`) == 1000 && strings.HasSuffix(r.Body, "}\n ]\n}")
		}},
		{ManyContainers(1000), PathHealth, func(r reply) bool { return r.Body == "ok" }},
		{NullPods(3), PathSummary, func(r reply) bool { return r.Body == `{"node":{"nodeName":"n"},"pods":[null,null,null]}` }},
		{ManyLabels(100), PathResource, func(r reply) bool {
			return strings.Count(r.Body, `a="",`) == 100 && strings.Count(r.Body, "\n") == 2
		}},
		{LongLabel(5000), PathResource, func(r reply) bool { return len(r.Body) > 5000 && strings.Count(r.Body, "\n") == 2 }},
		{ShortLines(1000), PathResource, func(r reply) bool { return strings.Count(r.Body, "a 1\n") == 1000 }},
		{StatusLine(2000), PathResource, func(r reply) bool { return r.Failed && r.Status == 0 }},
		{BadChunk(), PathResource, func(r reply) bool { return r.Status == 200 && r.Failed }},
		{BadLength(), PathResource, func(r reply) bool { return r.Failed && r.Status == 0 }},
		{EarlyEnd(), PathResource, func(r reply) bool {
			return !r.Failed && strings.HasPrefix(healthy, r.Body) && strings.HasSuffix(r.Body, "\n") && len(r.Body) > len(healthy)/3 && len(r.Body) < len(healthy)
		}},
		{Status(404).On(PathResource).Or(NullPods(1)), PathResource, func(r reply) bool { return r.Status == 404 }},
		{Status(404).On(PathResource).Or(NullPods(1)), PathSummary, func(r reply) bool { return strings.Contains(r.Body, "[null]") }},
		{Status(404).On(PathResource).Or(NullPods(1).On(PathSummary)), PathHealth, func(r reply) bool { return r.Body == "ok" }},
	}
	for _, test := range tests {
		t.Run(test.fault.String()+" of "+strings.TrimPrefix(test.path, "/"), func(t *testing.T) {
			if err := f.SetFault("node-0001", test.fault); err != nil {
				t.Fatal(err)
			}
			if got := fetch(t, httpClient(t), url(f, 0, test.path)); !test.want(got) {
				got.Body = got.Body[:min(len(got.Body), 300)] + "..." + got.Body[max(len(got.Body)-100, 0):]
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAlternate(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Alternate(Status(500), Fault{}, Status(403))); err != nil {
		t.Fatal(err)
	}
	client := httpClient(t)
	for i, want := range []int{500, 200, 403, 500, 200} {
		if got, _ := get(t, client, url(f, 0, PathResource)); got != want {
			t.Errorf("request %d returned %d, want %d", i, got, want)
		}
	}
}

// TestUnsolicited reads both responses to one request.
func TestUnsolicited(t *testing.T) {
	f, clock := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Unsolicited(time.Second, func([]byte) []byte { return []byte("second") })); err != nil {
		t.Fatal(err)
	}
	address := f.Address(0).String() + ":" + strconv.Itoa(f.Port())
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request, err := http.NewRequest(http.MethodGet, "https://"+address+PathResource, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	buffered := bufio.NewReader(conn)
	for i, want := range []string{renderText(f, false), "second"} {
		if i == 1 {
			waitFor(t, clock.HasWaiters)
			clock.Step(time.Second)
		}
		response, err := http.ReadResponse(buffered, request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("read %.100q (%v), want %.100q", got, err, want)
		}
	}
}
