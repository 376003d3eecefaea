package encode

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// The numbers of fields are those of the generated.proto of k8s.io/apimachinery and k8s.io/metrics. Their code writes strings and
// numbers that are empty too.

// PodProtobuf appends a PodMetrics message, which has no kind and no API version.
func PodProtobuf(b []byte, m Meta, u *usage.Pod) []byte {
	b = appendHeadFields(b, m, u.Time, u.Window)
	var buf [maxQuantities]quantity
	for i := range u.Containers {
		c := &u.Containers[i]
		b = appendMessage(b, 4, func(b []byte) []byte {
			b = appendText(b, 1, c.Name)
			return appendQuantities(b, 2, quantities(buf[:0], c.CPU, c.Memory, c.Extra))
		})
	}
	return b
}

// NodeProtobuf appends a NodeMetrics message, which has no kind and no API version.
func NodeProtobuf(b []byte, m Meta, u *usage.Node) []byte {
	var buf [maxQuantities]quantity
	return appendQuantities(appendHeadFields(b, m, u.Time, u.Window), 4, quantities(buf[:0], u.CPU, u.Memory, u.Extra))
}

func appendHeadFields(b []byte, m Meta, at time.Time, window time.Duration) []byte {
	b = appendMessage(b, 1, func(b []byte) []byte { return appendMetaFields(b, m) })
	b = appendMessage(b, 2, func(b []byte) []byte { return appendTime(b, at.Unix()) })
	return appendMessage(b, 3, func(b []byte) []byte { return appendNumber(b, 1, uint64(window)) })
}

func appendMetaFields(b []byte, m Meta) []byte {
	b = appendText(b, 1, m.Name)
	b = appendText(b, 2, "") // generateName
	b = appendText(b, 3, m.Namespace)
	b = appendText(b, 4, "") // selfLink
	b = appendText(b, 5, m.UID)
	b = protowire.AppendTag(b, 6, protowire.BytesType)
	var digits [20]byte
	b = protowire.AppendBytes(b, strconv.AppendUint(digits[:0], m.Version, 10))
	b = appendNumber(b, 7, 0) // generation
	b = appendMessage(b, 8, func(b []byte) []byte {
		if m.Created == 0 {
			return b
		}
		return appendTime(b, m.Created)
	})
	if m.Labels == nil {
		return b
	}
	for key, value := range m.Labels {
		b = appendMessage(b, 11, func(b []byte) []byte { return appendText(appendText(b, 1, key), 2, value) })
	}
	return b
}

func appendQuantities(b []byte, field protowire.Number, all []quantity) []byte {
	var digits [24]byte
	for _, q := range all {
		b = appendMessage(b, field, func(b []byte) []byte {
			b = appendText(b, 1, q.resource)
			return appendMessage(b, 2, func(b []byte) []byte {
				b = protowire.AppendTag(b, 1, protowire.BytesType)
				return protowire.AppendBytes(b, appendQuantity(digits[:0], q))
			})
		})
	}
	return b
}

// appendTime writes whole seconds, as the API's time does.
func appendTime(b []byte, seconds int64) []byte {
	return appendNumber(appendNumber(b, 1, uint64(seconds)), 2, 0)
}

func appendNumber(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), value)
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

// appendMessage appends a field that is a message. Its length stands before it, and is known after it.
func appendMessage(b []byte, field protowire.Number, message func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	begin := len(b)
	b = message(append(b, 0))
	size := len(b) - begin - 1
	if size < 1<<7 {
		b[begin] = byte(size)
		return b
	}
	// The length takes more than the byte that was left for it.
	more := protowire.SizeVarint(uint64(size)) - 1
	b = append(b, make([]byte, more)...)
	copy(b[begin+1+more:], b[begin+1:])
	protowire.AppendVarint(b[:begin], uint64(size))
	return b
}
