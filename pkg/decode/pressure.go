package decode

import (
	"math"
	"strconv"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

const (
	cpuPressure sample.ResourceSet = 1<<sample.CPUPressureFull10s | 1<<sample.CPUPressureFull60s |
		1<<sample.CPUPressureSome10s | 1<<sample.CPUPressureSome60s
	memoryPressure sample.ResourceSet = 1<<sample.MemoryPressureFull10s | 1<<sample.MemoryPressureFull60s |
		1<<sample.MemoryPressureSome10s | 1<<sample.MemoryPressureSome60s
)

// psiStats is the part of the kubelet's type that is used here: the pressure stall information of the kernel, of which Some is the
// share of time in which at least one task was stalled, and Full that in which all tasks were.
type psiStats struct{ Some, Full psiData }

// psiData are averages over the last 10 and 60 seconds.
type psiData struct{ Avg10, Avg60 percent }

func (s *psiStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "some"):
		return readInto(r, &s.Some, (*psiData).member)
	case is(name, "full"):
		return readInto(r, &s.Full, (*psiData).member)
	}
	return r.SkipValue()
}

func (d *psiData) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "avg10"):
		return r.scalar(&d.Avg10)
	case is(name, "avg60"):
		return r.scalar(&d.Avg60)
	}
	return r.SkipValue()
}

// percent is a number from 0 to 100 in JSON, held in millionths of one. The kernel gives two decimals, of which none is lost.
type percent struct{ number }

// millionthsPerPercent is how many millionths one percent is.
const millionthsPerPercent = 10_000

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (p *percent) UnmarshalJSON(text []byte) error {
	p.number = number{}
	if string(text) == "null" {
		return nil
	}
	p.present = true
	p.value, p.reason = millionths(text)
	return nil
}

// millionths converts a percentage as it is written in JSON. A share of time above one is too large.
func millionths(text []byte) (uint64, sample.Rejection) {
	switch {
	case len(text) > maxScalar:
		return 0, sample.TooLong
	case text[0] != '-' && (text[0] < '0' || text[0] > '9'):
		return 0, sample.Malformed
	}
	value, err := strconv.ParseFloat(string(text), 64)
	switch {
	case value < 0:
		return 0, sample.Negative
	case err != nil || value > 100:
		return 0, sample.TooLarge
	}
	return uint64(math.Round(value * millionthsPerPercent)), sample.Accepted
}
