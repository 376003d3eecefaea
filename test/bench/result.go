package bench

// Result has the measured figures of one server.
type Result struct {
	// Server is its name.
	Server string
	// Figures are those that have a value, in the order of their measurement.
	Figures []Figure
	values  map[Figure]float64
}

// NewResult returns one without values.
func NewResult(server string) *Result {
	return &Result{Server: server, values: map[Figure]float64{}}
}

// Set notes a value, in seconds, bytes or as a number.
func (r *Result) Set(f Figure, value float64) {
	if _, known := r.values[f]; !known {
		r.Figures = append(r.Figures, f)
	}
	r.values[f] = value
}

// Value is false where the figure could not be measured.
func (r *Result) Value(f Figure) (float64, bool) {
	value, ok := r.values[f]
	return value, ok
}

// ratio is ours over the peer's; false where there is none.
func ratio(own, peer *Result, f Figure) (float64, bool) {
	a, known := own.Value(f)
	b, both := peer.Value(f)
	if !known || !both || b == 0 {
		return 0, false
	}
	return a / b, true
}
