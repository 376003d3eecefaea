package bench

import (
	"bytes"
	"context"
	"fmt"
)

// count is how many items of a list have usage. Making objects of them would take seconds from the cores that the server works on. The
// library's client would do that, and wait for a second or more wherever a server returns that it is busy.
func (s *subject) count(ctx context.Context, list call) (int, error) {
	counter := &counter{of: []byte(`"window":`)} // Each item that has usage has one.
	if err := list.to(ctx, s.http, s.host, counter); err != nil {
		return 0, fmt.Errorf("count the items with usage: %w", err)
	}
	return counter.n, nil
}

// counter counts a word in the bytes that are written, and keeps none of them: the garbage would be collected at the cost of the server.
type counter struct {
	of []byte
	n  int
	// end is the end of what was written so far. It is shorter than the word, so nothing is counted twice.
	end []byte
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	text := append(c.end, p...)
	c.n += bytes.Count(text, c.of)
	c.end = text[:copy(text, text[max(0, len(text)-len(c.of)+1):])]
	return len(p), nil
}
