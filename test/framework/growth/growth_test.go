package growth

import (
	"strings"
	"testing"
	"time"
)

// run records a value for each of 60 seconds.
func run(value func(second int) float64) (Growth, error) {
	r := Record{Figure: Figure{Name: "goroutines", Unit: 1, Median: Allowance{0.05, 5}, Largest: Allowance{0.1, 20}}}
	for second := range 60 {
		r.Add(time.Duration(second)*time.Second, value(second))
	}
	return r.Over(time.Minute)
}

func TestGrowth(t *testing.T) {
	tests := []struct {
		name  string
		value func(second int) float64
		// want are parts of the error; none for no growth.
		want []string
	}{
		{"a level", func(int) float64 { return 100 }, nil},
		{"a level that varies", func(s int) float64 { return 100 + float64(s%7) }, nil},
		{"a burst at the end", func(s int) float64 { return 100 + float64(s/59*20) }, nil},
		{"a burst in the middle", func(s int) float64 { return 100 + float64(s/30%2*1000*((61-s)/22)) }, nil},
		{"a fall", func(s int) float64 { return 1000 - float64(s) }, nil},
		{"a slow leak", func(s int) float64 { return 100 + float64(s)*0.4 }, []string{"the median grew from 104.0 to 120.0, want at most 114.2"}},
		{"a leak in bursts", func(s int) float64 { return 100 + float64(s%10/9*s) }, []string{"the largest value grew from 119.0 to 159.0, want at most 150.9"}},
		{"a leak", func(s int) float64 { return 100 + float64(s) }, []string{"the median grew", "the largest value grew"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := run(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := g.Err(); err != nil {
				got = err.Error()
			}
			for _, part := range tt.want {
				if !strings.Contains(got, part) {
					t.Errorf("error %q, want %q", got, part)
				}
			}
			if lines := strings.Count(got, "grew"); lines != len(tt.want) {
				t.Errorf("%d levels grew, want %d: %s", lines, len(tt.want), got)
			}
		})
	}
}

func TestBurstsAreNoGrowth(t *testing.T) {
	for _, tt := range []struct {
		bursts bool
		leak   float64
		want   string
	}{
		{false, 0, "the median grew from 100.0 to 200.0"},
		{true, 0, ""},
		{true, 1, "the lower quartile grew from 105.0 to 157.0"},
	} {
		r := Record{Figure: Figure{Unit: 1, Bursts: tt.bursts, Median: Allowance{0.05, 5}, Largest: Any()}}
		for second := range 60 {
			value := 100 + tt.leak*float64(second)
			if second >= 40 && second%3 != 0 {
				value = 200
			}
			r.Add(time.Duration(second)*time.Second, value)
		}
		g, err := r.Over(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Err(); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("bursts %t, leak %g: error %v, want %q", tt.bursts, tt.leak, err, tt.want)
		}
	}
}

func TestAnyGrowthIsAllowed(t *testing.T) {
	for _, first := range []float64{0, 1} {
		g := Growth{Figure: Figure{Median: Any(), Largest: Any()}, First: Level{first, first}, Last: Level{1e9, 1e9}}
		if err := g.Err(); err != nil {
			t.Errorf("a growth from %g: %v", first, err)
		}
	}
}

func TestThirdWithoutValues(t *testing.T) {
	r := Record{Figure: Figure{Name: "goroutines", Unit: 1}}
	r.Add(time.Second, 1)
	if _, err := r.Over(time.Minute); err == nil {
		t.Error("a run without values at its end has a growth")
	}
}
