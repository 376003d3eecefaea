package encode

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// PodJSON appends a PodMetrics in JSON, without its kind and API version. The order of the fields is that of the API's types.
func PodJSON(b []byte, m Meta, u *usage.Pod) []byte {
	b = appendHead(b, m, u.Time, u.Window)
	b = append(b, `,"containers":[`...)
	var buf [maxQuantities]quantity
	for i := range u.Containers {
		c := &u.Containers[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendString(b, c.Name)
		b = appendUsage(b, quantities(buf[:0], c.CPU, c.Memory, c.Extra))
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// NodeJSON appends a NodeMetrics in JSON, without its kind and API version.
func NodeJSON(b []byte, m Meta, u *usage.Node) []byte {
	var buf [maxQuantities]quantity
	b = appendHead(b, m, u.Time, u.Window)
	b = appendUsage(b, quantities(buf[:0], u.CPU, u.Memory, u.Extra))
	return append(b, '}')
}

// appendHead appends what comes before the usage.
func appendHead(b []byte, m Meta, at time.Time, window time.Duration) []byte {
	b = append(b, `{"metadata":`...)
	b = appendMeta(b, m)
	b = append(b, `,"timestamp":"`...)
	b = at.UTC().AppendFormat(b, time.RFC3339)
	b = append(b, `","window":"`...)
	b = append(b, window.String()...)
	return append(b, '"')
}

func appendMeta(b []byte, m Meta) []byte {
	b = append(b, `{"name":`...)
	b = appendString(b, m.Name)
	if m.Namespace != "" {
		b = append(b, `,"namespace":`...)
		b = appendString(b, m.Namespace)
	}
	if m.UID != "" {
		b = append(b, `,"uid":`...)
		b = appendString(b, m.UID)
	}
	b = append(b, `,"resourceVersion":"`...)
	b = strconv.AppendUint(b, m.Version, 10)
	b = append(b, '"')
	if m.Created != 0 {
		b = append(b, `,"creationTimestamp":"`...)
		b = time.Unix(m.Created, 0).UTC().AppendFormat(b, time.RFC3339)
		b = append(b, '"')
	}
	return append(appendLabels(b, m), '}')
}

func appendLabels(b []byte, m Meta) []byte {
	if m.Labels == nil {
		return b
	}
	begin := len(b)
	for key, value := range m.Labels {
		if len(b) == begin {
			b = append(b, `,"labels":{`...)
		} else {
			b = append(b, ',')
		}
		b = appendString(append(appendString(b, key), ':'), value)
	}
	if len(b) > begin {
		b = append(b, '}')
	}
	return b
}

func appendUsage(b []byte, all []quantity) []byte {
	b = append(b, `,"usage":{`...)
	for i, q := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, q.resource...)
		b = append(b, `":"`...)
		b = appendQuantity(b, q)
		b = append(b, '"')
	}
	return append(b, '}')
}

// appendString leaves to the library what is not plain.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // A string has no error.
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
