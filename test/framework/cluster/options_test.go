package cluster

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsComplete(t *testing.T) {
	if _, err := (Options{}).complete(); err == nil {
		t.Error("a cluster without a folder was taken")
	}
	o, err := Options{Dir: "d"}.complete()
	if err != nil || o.Nodes != 3 || o.Log == nil {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestNamesBeginLinesOfTheLog(t *testing.T) {
	for name, want := range map[string]string{"": "etcd is ready\n", "east": "east: etcd is ready\n"} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			o, err := Options{Dir: "d", Name: name, Log: &log}.complete()
			if err != nil {
				t.Fatal(err)
			}
			n, err := fmt.Fprintln(o.Log, "etcd is ready")
			if err != nil || n != len("etcd is ready\n") {
				t.Errorf("wrote %d bytes: %v", n, err)
			}
			if diff := cmp.Diff(want, log.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}
