package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// Faults are the rows of the table of faults in docs/troubleshooting.md: the message of each fault. The error says that the table cannot be read.
func Faults() (map[string]string, error) {
	table, err := Table("docs/troubleshooting.md", "| fault | message |")
	if err != nil {
		return nil, err
	}
	rows := map[string]string{}
	for _, row := range table {
		rows[row[0]] = strings.Trim(row[1], "`")
	}
	return rows, nil
}

var (
	elapsed = regexp.MustCompile(`failed for [0-9ms]+:`)
	omitted = regexp.MustCompile(`; (the next scrape is due in|addresses tried:|node \S+ has no address) .*`)
	subject = regexp.MustCompile(`(node|container) "[^"]*"`)
)

// AsOnThePage is the message of an error as that table has it: about node n1, at one moment, without what only readers of nodes get.
func AsOnThePage(err error) string {
	text := fmt.Sprint(err)
	if _, message, found := strings.Cut(text, "not found: "); found {
		text = message
	}
	return subject.ReplaceAllString(omitted.ReplaceAllString(elapsed.ReplaceAllString(text, "failed for 43s:"), ""), `node "n1"`)
}
