package influxdb

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// answer is what a response says in its body.
type answer struct {
	// reason is what went wrong, shortened; empty for nothing.
	reason string
	// dropped is how many points of a write were refused where the others were taken; 0 where that is not so.
	dropped int
}

// body has the fields in which the versions of InfluxDB report errors. A response of status 200 can have them too.
type body struct {
	// Error is of versions 1 and 3, and Message of version 2.
	Error, Message string
	// Results are those of statements, in version 1.
	Results []struct{ Error string }
	// Data are the refused lines, in version 3.
	Data []json.RawMessage
}

// readAnswer reads a response. One that is not JSON has no reason of its own.
func readAnswer(resp endpoint.Response) answer {
	var b body
	if json.Unmarshal(resp.Body, &b) != nil {
		return answer{}
	}
	reason := b.Error
	if reason == "" && !resp.OK() {
		reason = b.Message
	}
	for _, r := range b.Results {
		if reason == "" {
			reason = r.Error
		}
	}
	a := answer{reason: excerpt.Of(reason)}
	if strings.Contains(reason, "partial write") {
		a.dropped = max(1, droppedPoints(reason), len(b.Data)) // A line that cannot be parsed counts as no point.
	}
	return a
}

// droppedPoints is the number after "dropped="; 0 where there is none.
func droppedPoints(reason string) int {
	match := regexp.MustCompile(`dropped=(\d{1,9})`).FindStringSubmatch(reason)
	if match == nil {
		return 0
	}
	n, _ := strconv.Atoi(match[1]) // So many digits fit.
	return n
}

// isAboutData is true for an error that the same points will meet again.
func isAboutData(reason string) bool {
	for _, part := range []string{"field type conflict", "unable to parse", "points beyond retention policy"} {
		if strings.Contains(reason, part) {
			return true
		}
	}
	return false
}
