package bench

import "slices"

// median is one result out of several of the same server: of each figure the value in the middle, the lower one of two.
func median(rounds []*Result) *Result {
	m := NewResult(rounds[0].Server)
	for _, r := range rounds {
		for _, f := range r.Figures {
			m.Set(f, middle(rounds, f))
		}
	}
	return m
}

func middle(rounds []*Result, f Figure) float64 {
	var values []float64
	for _, r := range rounds {
		if value, ok := r.Value(f); ok {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
