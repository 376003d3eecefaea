package cluster

import "io"

// prefixed begins each line with a prefix. Whole lines are written at once, so that those of several clusters do not mix.
type prefixed struct {
	to     io.Writer
	prefix string
}

// Write takes one line, as all do that write to a cluster's log.
func (p prefixed) Write(line []byte) (int, error) {
	n, err := io.WriteString(p.to, p.prefix+string(line))
	return max(n-len(p.prefix), 0), err
}
