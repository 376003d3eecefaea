package apiserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

// maxQuery is how long a query may be, in bytes as it was sent. The library parses selectors before it knows whether the client may list,
// for about two microseconds a byte.
const maxQuery = 16 << 10

// checkQuery returns the code and the message for a query that is refused; code 0 for one that is not.
func checkQuery(u *url.URL) (code int, message string) {
	switch size := len(u.RawQuery); {
	case size <= maxSent:
		return 0, ""
	case isBelowProbe(u.Path):
		return http.StatusRequestURITooLong, "The query has more than 200 bytes: leave out checks one request at a time."
	case size > maxQuery:
		return http.StatusBadRequest, longQueryMessage(u.RawQuery)
	}
	if message := checkParameters(u.Query()); message != "" {
		return http.StatusBadRequest, message
	}
	return 0, ""
}

// longQueryMessage is the message for a query that is not parsed. It has about as many requirements and values as there are commas.
func longQueryMessage(query string) string {
	terms := strings.Count(query, ",") + strings.Count(query, "%2C") + strings.Count(query, "%2c") + 1
	return fmt.Sprintf("The query has %d bytes, with about %d requirements and values of selectors: at most %d bytes, %d requirements and %d values are allowed.",
		len(query), terms, maxQuery, generic.MaxRequirements, generic.MaxValues)
}

// checkParameters finds in a long query what the library would repeat in its log. Valid selectors may be long.
func checkParameters(query url.Values) (message string) {
	for name, values := range query {
		for _, value := range values {
			if message := checkParameter(name, value); message != "" {
				return message
			}
		}
	}
	return ""
}

func checkParameter(name, value string) (message string) {
	var err error
	switch {
	case len(value) <= maxSent:
	case name == "labelSelector":
		_, err = labels.Parse(value)
	case name == "fieldSelector":
		_, err = fields.ParseSelector(value)
	default:
		return "A parameter of the query has more than 200 bytes: only selectors may."
	}
	if err != nil {
		return "The selector cannot be parsed: " + truncateMessage(err.Error())
	}
	return ""
}
