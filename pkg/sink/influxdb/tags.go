package influxdb

import (
	"bytes"
	"cmp"
	"fmt"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// tagWriter writes the tags of a record once, for all of its points.
type tagWriter struct {
	// home is the name of the home cluster, and separator stands between labels.
	home, separator string

	line   lineprotocol.Encoder
	labels []byte
}

// The names of a line that is not written, from which the tags are taken.
const measurement, field = "m", "f"

// of returns the tags of a record, each after a comma, in the order of their keys, as line protocol has them. They are valid until the next call. An error
// names a value that the protocol cannot express, such as one with a line break.
func (w *tagWriter) of(r *export.Record) ([]byte, error) {
	w.line.Reset()
	w.line.StartLine(measurement)
	w.addAll(r)
	w.line.AddField(field, lineprotocol.IntValue(0)) // A line without fields is an error.
	if err := w.line.Err(); err != nil {
		return nil, fmt.Errorf("tags of %s/%s on node %s: %w", r.Namespace, r.Pod, r.Node, err)
	}
	line := w.line.Bytes()
	return line[len(measurement):bytes.LastIndexByte(line, ' ')], nil
}

// addAll adds the tags in the order of their keys.
func (w *tagWriter) addAll(r *export.Record) {
	w.add("cluster_name", cmp.Or(r.Cluster, w.home))
	w.add("container_name", r.Container)
	w.addLabels(r.Labels)
	w.add("namespace_name", r.Namespace)
	w.add("nodename", r.Node)
	w.add("pod_name", r.Pod)
	w.add("type", typeOf(r.Level))
}

// check returns why the name of the home cluster cannot be a tag.
func (w *tagWriter) check() error {
	_, err := w.of(&export.Record{Level: export.Cluster})
	return err
}

// add adds a tag unless it is empty, which the protocol does not have.
func (w *tagWriter) add(key, value string) {
	if value != "" {
		w.line.AddTag(key, value)
	}
}

// maxLabels bounds the tag labels in bytes. It is in each point of an object; a pod or a node can have megabytes of labels, and InfluxDB accepts 64 KiB of tags.
const maxLabels = 32 << 10

// addLabels adds the tag labels: key:value, and the next after the separator, as far as there is room.
func (w *tagWriter) addLabels(labels []string) {
	w.labels = w.labels[:0]
	for i := 0; i+1 < len(labels); i += 2 {
		if len(w.labels)+len(w.separator)+len(labels[i])+1+len(labels[i+1]) > maxLabels {
			break
		}
		if i > 0 {
			w.labels = append(w.labels, w.separator...)
		}
		w.labels = append(append(append(w.labels, labels[i]...), ':'), labels[i+1]...)
	}
	if len(w.labels) > 0 {
		w.line.AddTagRaw([]byte("labels"), w.labels)
	}
}

// typeOf is the tag type.
func typeOf(l export.Level) string {
	switch l {
	case export.Container:
		return "pod_container"
	case export.Pod:
		return "pod"
	case export.Node:
		return "node"
	case export.Namespace:
		return "ns"
	}
	return "cluster"
}
