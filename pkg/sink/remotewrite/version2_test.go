package remotewrite

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/test/framework/usagerecord"
)

// decode2 returns a payload's samples, one a line, as Prometheus' own type has them.
func decode2(t testing.TB, body []byte) (lines []string) {
	t.Helper()
	raw, err := snappy.Decode(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	var request writev2.Request
	if err := request.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	if request.Symbols[0] != "" {
		t.Errorf("the first symbol is %q", request.Symbols[0])
	}
	for _, series := range request.Timeseries {
		var labels []string
		for i := 0; i < len(series.LabelsRefs); i += 2 {
			labels = append(labels, request.Symbols[series.LabelsRefs[i]]+"="+request.Symbols[series.LabelsRefs[i+1]])
		}
		for _, s := range series.Samples {
			since := "none"
			if s.StartTimestamp != 0 {
				since = fmt.Sprint(s.StartTimestamp - usagerecord.Base().UnixMilli())
			}
			lines = append(lines, fmt.Sprintf("%v %v %s %v @%d since %s", series.Metadata.Type, request.Symbols[series.Metadata.HelpRef], strings.Join(labels, " "),
				s.Value, s.Timestamp-usagerecord.Base().UnixMilli(), since))
		}
	}
	return lines
}

func version2(c *Config) { c.Version2 = true }

func TestMessagesOfVersion2(t *testing.T) {
	const labels = " container=app namespace=shop node=node-1 pod=web-0 "
	want := []string{
		"METRIC_TYPE_COUNTER " + containerCPU.help + " __name__=container_cpu_usage_seconds_total" + labels + "901.234567891 @0 since -3600000",
		"METRIC_TYPE_GAUGE " + containerMemory.help + " __name__=container_memory_working_set_bytes" + labels + "5.24288e+07 @1000 since none",
		"METRIC_TYPE_GAUGE " + containerStart.help + " __name__=container_start_time_seconds" + labels + "1.7959428002499998e+09 @0 since none",
	}
	s := newSink(t, version2)
	for range 2 { // The second time with the buffers of the first.
		payloads := usagerecord.Encode(t, s, usagerecord.Container())
		if diff := cmp.Diff(want, decode2(t, payloads[0].Body)); diff != "" || payloads[0].Points != 3 {
			t.Errorf("%d points (-want +got)\n%s", payloads[0].Points, diff)
		}
	}
}

func TestDowngradeIsWhatVersion1Writes(t *testing.T) {
	records := make([]export.Record, 100)
	for i := range records {
		records[i] = usagerecord.Container()
		records[i].Pod = fmt.Sprintf("web-%d", i/2)
		if i%10 == 0 { // It has fewer labels.
			records[i] = export.Record{Level: export.Node, Node: "node-1", CPU: records[i].CPU, Memory: records[i].Memory}
		}
	}
	old := usagerecord.Encode(t, newSink(t, nil), records...)[0]
	body, err := downgrade(usagerecord.Encode(t, newSink(t, version2), records...)[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode1(t, old), decode1(t, export.Payload{Body: body, Points: old.Points})); diff != "" {
		t.Errorf("(-version 1 +downgraded)\n%s", diff)
	}
	if _, err := downgrade([]byte("no snappy")); err == nil {
		t.Error("downgraded what is no message")
	}
}

// TestReceiversOfVersion2 sends two payloads to receivers that know 2.0.
func TestReceiversOfVersion2(t *testing.T) {
	tests := []struct {
		name     string
		status   int
		written  string
		partly   int
		rejected bool
	}{
		{"all written", http.StatusNoContent, "3", 0, false},
		{"two written", http.StatusBadRequest, "2", 1, false},
		{"none written", http.StatusBadRequest, "0", 0, true},
		{"fewer than it says", http.StatusNoContent, "1", 2, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			s := receiver(t, version2, func(w http.ResponseWriter, r *http.Request, body []byte) {
				requests++
				if r.Header.Get("Content-Type") != "application/x-protobuf;proto=io.prometheus.write.v2.Request" || r.Header.Get("X-Prometheus-Remote-Write-Version") != "2.0.0" {
					t.Errorf("header %v", r.Header)
				}
				if len(decode2(t, body)) != 3 {
					t.Error("other samples")
				}
				w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", tt.written)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, "out of order")
			})
			for range 2 {
				err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0])
				var partly *export.PartlyRejectedError
				if errors.As(err, &partly) != (tt.partly > 0) || partly != nil && partly.Points != tt.partly || errors.Is(err, export.ErrRejected) != tt.rejected {
					t.Errorf("error %v", err)
				}
			}
			if requests != 2 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

// TestReceiversOfVersion1 sends two payloads to receivers that know 1.0 alone.
func TestReceiversOfVersion1(t *testing.T) {
	for _, status := range []int{http.StatusUnsupportedMediaType, http.StatusBadRequest, http.StatusNoContent} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var versions []string
			s := receiver(t, version2, func(w http.ResponseWriter, r *http.Request, body []byte) {
				version := r.Header.Get("X-Prometheus-Remote-Write-Version")
				versions = append(versions, version)
				if version != "0.1.0" {
					w.WriteHeader(status)
					return
				}
				if len(decode1(t, export.Payload{Body: body, Points: 3})) != 3 {
					t.Error("other samples")
				}
			})
			for range 2 {
				if err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff([]string{"2.0.0", "0.1.0", "0.1.0"}, versions); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPayloadThatIsBadInBothVersionsIsNoFallBack(t *testing.T) {
	var versions []string
	s := receiver(t, version2, func(w http.ResponseWriter, r *http.Request, _ []byte) {
		versions = append(versions, r.Header.Get("X-Prometheus-Remote-Write-Version"))
		w.WriteHeader(http.StatusBadRequest)
	})
	for range 2 {
		if err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]); !errors.Is(err, export.ErrRejected) {
			t.Errorf("error %v", err)
		}
	}
	if diff := cmp.Diff([]string{"2.0.0", "0.1.0", "2.0.0", "0.1.0"}, versions); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestFailureAfterAPart has a receiver of 2.0 fail after it has written a part: everything is sent again.
func TestFailureAfterAPart(t *testing.T) {
	s := receiver(t, version2, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", "1")
		w.WriteHeader(http.StatusInternalServerError)
	})
	err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0])
	if err == nil || errors.Is(err, export.ErrRejected) || errors.As(err, new(*export.PartlyRejectedError)) {
		t.Errorf("error %v, want one after which the payload is sent again", err)
	}
}
