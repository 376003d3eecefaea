package otlp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// attributes are those of one record's resource.
type attributes struct {
	// configured are the encoded attributes that each resource has.
	configured []byte
	own        []attribute
}

// attribute is one with its value from a record. It is left out where that is empty.
type attribute struct {
	name string
	// key is the encoded beginning of the attribute, a KeyValue up to its value.
	key  []byte
	from func(r *export.Record) string
}

func newAttributes(cluster string, configured map[string]string) (*attributes, error) {
	a := &attributes{own: []attribute{
		{name: "k8s.cluster.name", from: func(r *export.Record) string { return cmp.Or(r.Cluster, cluster) }},
		{name: "k8s.node.name", from: func(r *export.Record) string { return r.Node }},
		{name: "k8s.namespace.name", from: func(r *export.Record) string { return r.Namespace }},
		{name: "k8s.pod.name", from: func(r *export.Record) string { return r.Pod }},
		{name: "k8s.pod.uid", from: func(r *export.Record) string { return r.UID }},
		{name: "k8s.container.name", from: func(r *export.Record) string { return r.Container }},
	}}
	for i := range a.own {
		key, err := proto.Marshal(&commonpb.KeyValue{Key: a.own[i].name})
		if err != nil {
			return nil, fmt.Errorf("resource attribute %q: %w", a.own[i].name, err)
		}
		a.own[i].key = key
	}
	resource := &resourcepb.Resource{}
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		if name == "" || slices.ContainsFunc(a.own, func(own attribute) bool { return own.name == name }) {
			return nil, fmt.Errorf("resource attribute %q has no name, or one that each object has: use another", name)
		}
		value := &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: configured[name]}}
		resource.Attributes = append(resource.Attributes, &commonpb.KeyValue{Key: name, Value: value})
	}
	var err error
	if a.configured, err = proto.Marshal(resource); err != nil {
		return nil, fmt.Errorf("resource attributes: %w", err)
	}
	return a, nil
}

// The numbers of fields in the messages of OpenTelemetry.
const (
	resourceAttributes protowire.Number = 1 // Resource.attributes
	keyValueValue      protowire.Number = 2 // KeyValue.value
	anyValueString     protowire.Number = 1 // AnyValue.string_value
)

// appendTo appends the message Resource of a record. It is false where a value is not UTF-8, which the protocol requires.
func (a *attributes) appendTo(body []byte, r *export.Record) ([]byte, bool) {
	body = append(body, a.configured...)
	for i := range a.own {
		own := &a.own[i]
		value := own.from(r)
		if value == "" {
			continue
		}
		if !utf8.ValidString(value) {
			return body, false
		}
		// The tags of these fields have one byte each.
		wrapped := 1 + protowire.SizeBytes(len(value))
		body = appendBytesTag(body, resourceAttributes, len(own.key)+1+protowire.SizeBytes(wrapped))
		body = append(body, own.key...)
		body = appendBytesTag(body, keyValueValue, wrapped)
		body = appendBytesTag(body, anyValueString, len(value))
		body = append(body, value...)
	}
	return body, true
}

// appendBytesTag appends what stands before so many bytes of a field.
func appendBytesTag(body []byte, field protowire.Number, length int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(body, field, protowire.BytesType), uint64(length))
}
