package bench

import "testing"

func TestParseMachine(t *testing.T) {
	tests := []struct {
		name, text string
		want       machine
		good       bool
	}{
		{"two cores", "cpu  10 1 20 300 40 5 6 7 8 9\ncpu0 1 2 3 4\n", machine{idle: 340, all: 389}, true},
		{"no more lines", "cpu  1 0 0 3 0 0 0 0", machine{idle: 3, all: 4}, true},
		{"one core alone", "cpu0 1 0 0 3 0 0 0 0\n", machine{}, false},
		{"too few fields", "cpu  1 0 0 3\n", machine{}, false},
		{"no number", "cpu  1 0 0 x 0 0 0 0\n", machine{}, false},
		{"nothing", "", machine{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseMachine(tt.text)
			if (err == nil) != tt.good || tt.good && got != tt.want {
				t.Errorf("got %+v, error %v", got, err)
			}
		})
	}
}

func TestAtRest(t *testing.T) {
	tests := []struct {
		name            string
		previous, share float64
		want            bool
	}{
		{"the first window of a quiet machine", 1, 0.1, false},
		{"as quiet as before", 0.1, 0.1, true},
		{"a little quieter", 0.12, 0.1, true},
		{"still at work, and less so", 0.39, 0.3, false},
		{"a little more to do than before", 0.1, 0.2, true},
		{"busy", 0.5, 0.5, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := atRest(tt.previous, tt.share); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestShareOfTheMachine(t *testing.T) {
	if got := (machine{idle: 40, all: 200}).since(machine{idle: 20, all: 100}); got != 0.8 {
		t.Errorf("got %v", got)
	}
	if got := (machine{idle: 40, all: 200}).since(machine{idle: 40, all: 200}); got != 0 {
		t.Errorf("got %v where no time has passed", got)
	}
}
