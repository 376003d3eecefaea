package sample

import "testing"

// TestIsInstance compares starts with that of an instance that began at 50 s.
func TestIsInstance(t *testing.T) {
	for start, want := range map[float64]bool{48.9: false, 49: true, 50: true, 51: true, 51.1: false} {
		c := CPUCounter{start: at(50)}
		if got := c.IsInstance(at(start)); got != want {
			t.Errorf("a start at %v s is of the instance: %t, want %t", start, got, want)
		}
		if unknown := (&CPUCounter{}); !unknown.IsInstance(at(start)) || !c.IsInstance(0) {
			t.Error("a start that is not known excludes an instance")
		}
	}
}

// TestStatusConfirmsAStart has a reading report a start at 50 s.
func TestStatusConfirmsAStart(t *testing.T) {
	for started, want := range map[float64]bool{48: false, 48.1: true, 50: true, 59.9: true, 60: false} {
		if got := (ScrapeInfo{Started: at(started)}).confirms(at(50)); got != want {
			t.Errorf("a status with %v s confirms the start: %t, want %t", started, got, want)
		}
	}
	if (ScrapeInfo{}).confirms(at(50)) {
		t.Error("a status without a start confirms one")
	}
}

// TestStatusContradictsAStart has a window begin at a start at 50 s.
func TestStatusContradictsAStart(t *testing.T) {
	for started, want := range map[float64]bool{39.9: false, 40: true, 50: true, 70: true} {
		var c CPUCounter
		c.Accept(step{read: 100, cpu: 3, start: 50}.usage(), ScrapeInfo{Now: at(100)})
		if _, got := c.Rate(0, at(started)); got.OK != want {
			t.Errorf("a status with %v s leaves the window: %t, want %t", started, got.OK, want)
		}
	}
}
