package export

import (
	"encoding/json"
	"net/http"
	"time"
)

// Status is how it goes with one sink, without secrets. Numbers are since the process started, and of points unless they have another name.
type Status struct {
	Name string `json:"name"`
	Sink string `json:"sink"`
	// QueueBytes wait to be delivered, and OldestSeconds is the age of the oldest of them.
	QueueBytes      int     `json:"queueBytes"`
	QueueLimitBytes int     `json:"queueLimitBytes"`
	OldestSeconds   float64 `json:"oldestSeconds"`
	// Sent were accepted by the sink, Rejected were refused by it, and Dropped were not delivered, by reason.
	Sent     int            `json:"sentPoints"`
	Rejected int            `json:"rejectedPoints"`
	Dropped  map[string]int `json:"droppedPoints"`
	// Skipped are records that could not be encoded.
	Skipped int `json:"skippedRecords"`
	// Errors are tries that failed, and LastError is the newest one's error.
	Errors        int        `json:"errors"`
	LastError     string     `json:"lastError,omitempty"`
	LastErrorTime *time.Time `json:"lastErrorTime,omitempty"`
}

// Status returns how it goes with each sink, in the order of the configuration.
func (e *Exporter) Status() []Status {
	all := make([]Status, 0, len(e.deliveries))
	for _, d := range e.deliveries {
		all = append(all, d.status(time.Now()))
	}
	return all
}

func (d *delivery) status(now time.Time) Status {
	c, failure, failedAt := d.state.copy()
	s := Status{
		Name: d.Name, Sink: d.Text, QueueLimitBytes: d.QueueBytes,
		Sent: c.sent, Rejected: c.rejected, Skipped: c.skipped, Errors: c.failures, LastError: failure,
		Dropped: map[string]int{queueFull: c.dropped[queueFull], tooLarge: c.dropped[tooLarge], refused: c.dropped[refused], shutdown: c.dropped[shutdown]},
	}
	if !failedAt.IsZero() {
		s.LastErrorTime = &failedAt
	}
	var oldest time.Time
	if s.QueueBytes, oldest = d.queue.size(); !oldest.IsZero() {
		s.OldestSeconds = now.Sub(oldest).Seconds()
	}
	return s
}

// ServeHTTP serves the status of all sinks as JSON. The server authorizes the reader: errors name the addresses of sinks.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)   // The options of a sink are joined by &.
	_ = out.Encode(e.Status()) // The reader is gone where that fails.
}
