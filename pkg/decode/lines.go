package decode

import "bytes"

// wantedLines copies the lines that hold a wanted metric out of a body in the text format: the parser then sees neither
// comments nor the series of pods, and every line that it sees is one series. Each line of the result starts with the
// metric's name and ends with a newline. A line of the body that has no newline, as the last one may, is copied too.
func wantedLines(body []byte) []byte {
	var wanted []byte
	for len(body) > 0 {
		line := body
		if end := bytes.IndexByte(body, '\n'); end >= 0 {
			line = body[:end]
			body = body[end+1:]
		} else {
			body = nil
		}
		line = bytes.TrimLeft(line, " \t")
		if metricNamed(nameOf(line)).scope == nothing {
			continue
		}
		if wanted == nil {
			wanted = make([]byte, 0, len(line)+len(body)+2)
		}
		wanted = append(append(wanted, line...), '\n')
	}
	return wanted
}

// nameOf is the metric name that a line of the text format starts with. What follows it directly is for the parser to judge.
func nameOf(line []byte) []byte {
	for i, c := range line {
		if !isNameByte(c) {
			return line[:i]
		}
	}
	return line
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == ':'
}
