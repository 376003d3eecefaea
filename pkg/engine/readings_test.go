package engine

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// seconds is a time in milliseconds, given in seconds.
func seconds(t *testing.T, text string) int64 {
	t.Helper()
	s, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(s * 1000)
}

// pointsOf reads samples, each TIME=VALUE with the time in seconds.
func pointsOf(t *testing.T, text string) (points []point) {
	t.Helper()
	for pair := range strings.FieldsSeq(text) {
		at, value, _ := strings.Cut(pair, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		points = append(points, point{seconds(t, at), v})
	}
	return points
}

func TestReadingOfCPU(t *testing.T) {
	for _, tt := range []struct {
		name, points string
		stamped      bool
		// newest is the time of the newest sample of the node.
		newest string
		// want is the reading, and earlier the one from which the first rate is computed; empty for none.
		want, earlier string
	}{
		{"the kubelet's time", "10=1 25=2 40=3", true, "45", "40=3", "25=2"},
		{"the kubelet's time, of an idle container", "10=1 25=1 40=1", true, "45", "40=1", "25=1"},
		{"was not in the newest response", "10=1", true, "56", "", ""},
		{"one sample", "10=1", true, "10", "10=1", ""},
		{"readings too far apart for a first rate", "10=1 40=2", true, "40", "40=2", ""},
		{"readings too close for a first rate", "30=1 38=2 40=3", true, "40", "40=3", "30=1"},
		{"the time of the scrape", "10=1 25=2 40=3", false, "40", "40=3", "25=2"},
		{"a repeated value is the reading before", "10=1 20=2 30=2 40=2", false, "40", "20=2", "10=1"},
		{"a repeated value in between", "10=1 20=1 30=2", false, "30", "30=2", "10=1"},
		{"a repeated value in between that is too close", "10=0 12=0 27=1 28=1 30=2", false, "30", "30=2", "10=0"},
		{"a counter that stood still in between", "0=1 12=1 31=1 39=1 40=2", false, "40", "40=2", "31=1"},
		{"a counter that stands still is read again", "10=2 20=2 30=2 40=2", false, "40", "40=2", "30=2"},
		{"was not in the newest scrape", "10=1 25=2", false, "40", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := nodeResponse{stamped: tt.stamped, newest: seconds(t, tt.newest)}
			points := pointsOf(t, tt.points)
			for _, c := range []struct {
				what   string
				choose choosePoint
				want   string
			}{{"newest", a.newestReading, tt.want}, {"earlier", a.earlierReading, tt.earlier}} {
				got := ""
				if p, ok := c.choose(cpuMetric, points); ok {
					got = strconv.FormatInt(p.time/1000, 10) + "=" + strconv.FormatFloat(p.value, 'g', -1, 64)
				}
				if got != c.want {
					t.Errorf("%s reading %q, want %q", c.what, got, c.want)
				}
			}
		})
	}
}

func TestWhoseTimes(t *testing.T) {
	const cpu = "__name__=container_cpu_usage_seconds_total node=n1 namespace=ns pod=p job=k container="
	for _, tt := range []struct {
		name, series string
		stamped      bool
		err          error
	}{
		{"the kubelet's", cpu + "a: 8\n" + cpu + "b: 9\n__name__=up node=n1 job=k: 10", true, nil},
		{"the kubelet's, by chance equal to that of the scrape for one", cpu + "a: 10\n" + cpu + "b: 9\n__name__=up node=n1 job=k: 10", true, nil},
		{"those of the scrapes", cpu + "a: 10\n" + cpu + "b: 10\n__name__=up node=n1 job=k: 5 10", false, nil},
		{"those of the scrapes, one of an earlier one", cpu + "a: 10\n" + cpu + "b: 5\n__name__=up node=n1 job=k: 5 10", false, nil},
		{"up of another target", cpu + "a: 8\n" + cpu + "b: 9\n__name__=up node=n1 job=other: 8 9 10", true, nil},
		{"no scrapes, different times", cpu + "a: 8\n" + cpu + "b: 9", true, nil},
		{"no scrapes, memory read at another time", cpu + "a: 9\n" + strings.Replace(cpu, "cpu_usage_seconds_total", "memory_working_set_bytes", 1) + "a: 8", true, nil},
		{"no scrapes, equal times", cpu + "a: 9\n" + cpu + "b: 9", false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			series := seriesOf(t, &Selection{Labels: usualLabels}, tt.series).nodes["n1"]
			chosen, err := series.choose("", 90_000)
			if err != nil {
				t.Fatal(err)
			}
			a, err := newNodeResponse(chosen, series.up[chosen.copyLabels])
			if err != nil || a.stamped != tt.stamped {
				t.Errorf("stamped %v, error %v, want %v", a.stamped, err, tt.stamped)
			}
		})
	}
}

// TestEarlierReadingIsLinear has an engine send a series with as many samples as are read, all of one value and within so short a time that none is old enough:
// four times as many samples take four times as long, and not sixteen times.
func TestEarlierReadingIsLinear(t *testing.T) {
	took := func(n int) time.Duration {
		points := make([]point, n)
		for i := range points {
			points[i] = point{time: int64(i * 3000 / n), value: 1}
		}
		points[n-1].value = 2
		a := nodeResponse{newest: points[n-1].time}
		least := time.Hour
		for range 20 {
			begin := time.Now()
			if _, ok := a.earlierReading(cpuMetric, points); ok {
				t.Fatal("a reading is old enough")
			}
			least = min(least, time.Since(begin))
		}
		return least
	}
	if few, many := took(maxPoints/4), took(maxPoints); many > 10*few {
		t.Errorf("%d samples take %v, a quarter of them %v", maxPoints, many, few)
	}
}

// TestTooManyContainersOfAPod has a pod with more containers than are kept.
func TestTooManyContainersOfAPod(t *testing.T) {
	var text strings.Builder
	for i := range maxContainers + 1 {
		fmt.Fprintf(&text, "__name__=container_cpu_usage_seconds_total node=n1 namespace=ns pod=p container=c%d: 10\n", i)
	}
	series := seriesOf(t, &Selection{Labels: usualLabels}, text.String()).nodes["n1"]
	a, err := newNodeResponse(series.copies[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	_, n := a.samples(false)
	if got := len(n.Pods[0].Containers); got != maxContainers || n.Rejected.Total() != 1 {
		t.Errorf("%d containers, %d rejected, want %d and 1", got, n.Rejected.Total(), maxContainers)
	}
}
