package influxdb

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// TestTooManyLabels has a pod with as many labels as an object can hold: those for which there is no room are left out of the tag.
func TestTooManyLabels(t *testing.T) {
	record := export.Record{Level: export.Pod, Namespace: "ns", Pod: "p"}
	for i := range 20_000 {
		record.Labels = append(record.Labels, fmt.Sprintf("example.com/label-%05d", i), strings.Repeat("v", 40))
	}
	w := tagWriter{home: "home", separator: ","}
	tags, err := w.of(&record)
	if err != nil {
		t.Fatal(err)
	}
	text := string(tags)
	if len(text) > maxLabels+1024 || len(text) < maxLabels/2 || !strings.Contains(text, "example.com/label-00000:vvv") || !strings.HasSuffix(text, "v,namespace_name=ns,pod_name=p,type=pod") {
		t.Errorf("%d bytes of tags: %.100s ... %s", len(text), text, text[len(text)-100:])
	}
}
