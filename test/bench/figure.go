package bench

import (
	"fmt"
	"math"
	"strconv"
)

// Unit is the unit of a figure.
type Unit int

// Seconds are printed in the unit that people read them in.
const (
	Seconds Unit = iota
	Bytes
	Count
	PerSecond
)

// Figure is one line of the table.
type Figure struct {
	// Name describes the figure; it is unique.
	Name string
	Unit Unit
}

// Figures that do not belong to one kind of call.
var (
	StartFirst = Figure{"start to the first numbers", Seconds}
	StartAll   = Figure{"start to all numbers", Seconds}
	StartCPU   = Figure{"CPU of the server until then", Seconds}
	StartPeak  = Figure{"peak memory until then", Bytes}
	CycleCPU   = Figure{"CPU for one scrape of every node", Seconds}
	Resident   = Figure{"resident memory", Bytes}
	Peak       = Figure{"peak memory under full lists at once", Bytes}
	Sustained  = Figure{"autoscaler's calls, sustained", PerSecond}
	AgeMedian  = Figure{"sample age, p50", Seconds}
	AgeTail    = Figure{"sample age, p99", Seconds}
	HungMedian = Figure{"sample age of healthy nodes beside hung ones, p50", Seconds}
	HungTail   = Figure{"sample age of healthy nodes beside hung ones, p99", Seconds}
	PodsLeft   = Figure{"pods left when every kubelet missed one cycle", Count}
	PodsGone   = Figure{"time without some pod then", Seconds}
)

// Text is a value of the figure as people read it.
func (f Figure) Text(value float64) string {
	switch f.Unit {
	case Bytes:
		return fmt.Sprintf("%.1f MiB", value/(1<<20))
	case Count:
		return fmt.Sprintf("%.0f", value)
	case PerSecond:
		return fmt.Sprintf("%.0f/s", value)
	}
	return duration(value)
}

// duration shows seconds with three digits that count.
func duration(seconds float64) string {
	switch abs := math.Abs(seconds); {
	case seconds == 0:
		return "0 s"
	case abs < 1e-3:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	case abs < 1:
		return digits(seconds*1e3) + " ms"
	}
	return digits(seconds) + " s"
}

func digits(x float64) string {
	integers := len(strconv.FormatInt(int64(math.Abs(x)), 10))
	return fmt.Sprintf("%.*f", max(0, 3-integers), x)
}
