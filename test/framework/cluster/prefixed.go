package cluster

import "io"

// prefixed begins each line with a prefix. It writes complete lines, so that the lines of several clusters do not mix.
type prefixed struct {
	to     io.Writer
	prefix string
}

// Write receives one line: all writers of a cluster's log write single lines.
func (p prefixed) Write(line []byte) (int, error) {
	n, err := io.WriteString(p.to, p.prefix+string(line))
	return max(n-len(p.prefix), 0), err
}
