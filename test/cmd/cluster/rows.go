package main

import (
	"fmt"
	"strings"
)

// checkRows wants at least so many rows below the heading of what kubectl top printed, and no zero and no unknown number
// in any of them.
func checkRows(text string, rows int) error {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if got := len(lines) - 1; got < rows {
		return fmt.Errorf("kubectl top printed %d rows, want at least %d:\n%s", got, rows, text)
	}
	for _, line := range lines[1:] {
		for field := range strings.FieldsSeq(line) {
			if field == "0m" || field == "0Mi" || field == "<unknown>" {
				return fmt.Errorf("kubectl top has no number in the row %q", line)
			}
		}
	}
	return nil
}
