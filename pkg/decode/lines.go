package decode

import (
	"bytes"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// wantedLines copies the lines that hold a wanted metric out of a body in the text format: the parser then sees neither
// comments nor the series of pods, and every line that it sees is one series. Each line of the result starts with the
// metric's name and ends with a newline. A line of the body that has no newline, as the last one may, is copied too.
// Lines that are too long, or have too many labels, are left out and counted.
func wantedLines(body []byte, extras sample.ResourceSet) (wanted []byte, rejected sample.Rejections) {
	for len(body) > 0 {
		line := body
		if end := bytes.IndexByte(body, '\n'); end >= 0 {
			line = body[:end]
			body = body[end+1:]
		} else {
			body = nil
		}
		line = bytes.TrimLeft(line, " \t")
		if metricNamed(nameOf(line), extras).scope == nothing {
			continue
		}
		if wanted == nil {
			wanted = make([]byte, 0, min(len(line), maxLine)+len(body)+2)
		}
		if reason := checkLine(line); reason != sample.NotRejected {
			rejected.Add(reason)
			continue
		}
		wanted = append(append(wanted, line...), '\n')
	}
	return wanted, rejected
}

// checkLine bounds a line before the parser sees it, which makes something of every label.
func checkLine(line []byte) sample.Rejection {
	switch {
	case len(line) > maxLine:
		return sample.TooLong
	case bytes.Count(line, []byte("=")) > maxLabels:
		return sample.TooMany
	}
	return sample.NotRejected
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
