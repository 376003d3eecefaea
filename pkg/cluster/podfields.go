package cluster

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// fields are those of a message that are read, by their numbers, each with the fields that are read of it; nil for all of them.
type fields map[protowire.Number]fields

// fieldsOfPod are those that [Strip] reads, the smaller part of a pod, or [StripWithResources]. Their numbers are those of generated.proto of
// k8s.io/api and k8s.io/apimachinery.
func fieldsOfPod(resources bool) fields {
	container := fields{1: nil /* name */, 24: nil /* restartPolicy */, 25: nil /* restartPolicyRules */}
	if resources {
		container[8] = fields{1: nil /* limits */, 2: nil /* requests */}
	}
	status := fields{1: nil /* name */, 2: nil /* state */, 3: nil /* lastState */, 5: nil /* restartCount */}
	return fields{
		1: { // metadata
			1: nil /* name */, 3: nil /* namespace */, 5: nil, /* uid */
			8: nil /* creationTimestamp */, 9: nil /* deletionTimestamp */, 11: nil /* labels */, 12: nil, /* annotations */
		},
		2: {2: container, 3: nil /* restartPolicy */, 10: nil /* nodeName */, 20: container /* initContainers */}, // spec
		3: {1: nil /* phase */, 8: status /* containerStatuses */, 10: status /* initContainerStatuses */},        // status
	}
}

// appendTo appends a message without the fields that are not read: objects of those would be most of what reading a list leaves behind.
func (f fields) appendTo(to, message []byte) ([]byte, error) {
	for len(message) > 0 {
		number, kind, head := protowire.ConsumeTag(message)
		if head < 0 {
			return to, errMalformed
		}
		size := protowire.ConsumeFieldValue(number, kind, message[head:])
		if size < 0 {
			return to, errMalformed
		}
		field := message[:head+size]
		message = message[len(field):]
		inner, read := f[number]
		switch {
		case !read:
		case inner == nil || kind != protowire.BytesType:
			to = append(to, field...)
		default:
			var err error
			if to, err = inner.appendMessage(to, number, field[head:]); err != nil {
				return to, err
			}
		}
	}
	return to, nil
}

// appendMessage appends a field that is a message, and then puts its size, which is known only then, in front of it.
func (f fields) appendMessage(to []byte, number protowire.Number, value []byte) ([]byte, error) {
	message, _ := protowire.ConsumeBytes(value)
	to = protowire.AppendTag(to, number, protowire.BytesType)
	at := len(to)
	to, err := f.appendTo(to, message)
	var size [binary.MaxVarintLen64]byte
	return slices.Insert(to, at, protowire.AppendVarint(size[:0], uint64(len(to)-at))...), err
}
