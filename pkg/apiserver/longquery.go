package apiserver

import (
	"fmt"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

// maxQuery is how long a query may be, in bytes as it was sent. The library parses selectors before it knows whether the client may list,
// for about two microseconds a byte.
const maxQuery = 16 << 10

// longQuery is the message for a query that is not parsed. It has about as many requirements and values as there are commas.
func longQuery(query string) string {
	terms := strings.Count(query, ",") + strings.Count(query, "%2C") + strings.Count(query, "%2c") + 1
	return fmt.Sprintf("The query has %d bytes, with about %d requirements and values of selectors: at most %d bytes, %d requirements and %d values are allowed.",
		len(query), terms, maxQuery, generic.MaxRequirements, generic.MaxValues)
}
