package bench

import (
	"math"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	tests := []struct {
		name   string
		values []time.Duration
		q      float64
		want   time.Duration
	}{
		{"of none", nil, 0.5, 0},
		{"of one", []time.Duration{7}, 0.99, 7},
		{"median of two is the smaller", []time.Duration{9, 3}, 0.5, 3},
		{"median", hundred, 0.5, 50},
		{"tail", hundred, 0.99, 99},
		{"all", hundred, 1, 100},
		{"none at all", hundred, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := quantile(tt.values, tt.q); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
	if hundred[0] != 100 {
		t.Error("the caller's values were sorted")
	}
}

func TestSpent(t *testing.T) {
	minute := spent{cpu: 6 * time.Second, elapsed: time.Minute}
	tests := []struct {
		name      string
		got, want float64
	}{
		{"cores", minute.cores(), 0.1},
		{"cores of no time", spent{cpu: time.Second}.cores(), 0},
		{"a call", minute.each(100, 0), 0.06},
		{"a call less what is used anyway", minute.each(100, 0.05), 0.03},
		{"a call that costs less than the noise", minute.each(100, 0.2), 0},
		{"no call", minute.each(0, 0), 0},
		{"a cycle", minute.cycle(1000, 4000), 1.5},
		{"a fraction of a cycle", minute.cycle(1000, 4500), 6.0 / 4.5},
		{"no cycle", minute.cycle(1000, 0), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if math.Abs(tt.got-tt.want) > 1e-12 {
				t.Errorf("got %v, want %v", tt.got, tt.want)
			}
		})
	}
}

func TestOutage(t *testing.T) {
	at := func(second, pods int) seen { return seen{at: time.Unix(int64(second), 0), pods: pods} }
	tests := []struct {
		name  string
		all   []seen
		worst int
		gone  time.Duration
	}{
		{"never", []seen{at(0, 10), at(1, 10), at(2, 11)}, 10, 0},
		{"once", []seen{at(0, 10), at(1, 4), at(3, 10), at(4, 10)}, 4, 2 * time.Second},
		{"twice, the second time to the end", []seen{at(0, 0), at(1, 10), at(2, 9), at(5, 9)}, 0, 4 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := worst(tt.all); got != tt.worst {
				t.Errorf("at the worst moment %d were left, want %d", got, tt.worst)
			}
			if got := below(tt.all, 10); got != tt.gone {
				t.Errorf("some were gone for %v, want %v", got, tt.gone)
			}
		})
	}
}
