package scrapecost

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const protobufType = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

// BenchmarkFormats has the library of the kubelets encode a response in each of its formats, and Plimsoll decompress and decode it. An
// operation is one response; each side is timed by itself, and the size is counted.
func BenchmarkFormats(b *testing.B) {
	n := &corev1.Node{Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}}}}
	named, err := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP},
	}.For(cluster.StripNode(n))
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range []struct {
		name, accept, coding string
		named                bool
		read                 func(body []byte) error
	}{
		{"text", "text/plain", "identity", false, own()},
		{"text/named", "text/plain", "identity", true, own()},
		{"text/named/library", "text/plain", "identity", true, library("text/plain")},
		{"text/named/gzip", "text/plain", "gzip", true, own()},
		{"protobuf/library", protobufType, "identity", false, library(protobufType)},
		{"protobuf/named/library", protobufType, "identity", true, library(protobufType)},
		{"protobuf/named/gzip/library", protobufType, "gzip", true, library(protobufType)},
	} {
		b.Run(way.name, func(b *testing.B) {
			at := named.URL
			if !way.named {
				at, _, _ = strings.Cut(at, "?")
			}
			request := httptest.NewRequest(http.MethodGet, at, nil)
			request.Header.Set("Accept", way.accept)
			request.Header.Set("Accept-Encoding", way.coding)
			compareSides(b, request, way.read)
		})
	}
}

// own is the decoder of this project, which remembers the response before.
func own() func([]byte) error {
	decoder, n := new(decode.ResourceDecoder), new(sample.Node)
	return func(body []byte) error { return decoder.Decode(context.Background(), body, n) }
}

// library goes through the series with the Prometheus parser, and makes nothing of them: that is the least that a decoder costs that
// is built on it.
func library(contentType string) func([]byte) error {
	symbols := labels.NewSymbolTable()
	return func(body []byte) error {
		p, err := textparse.New(body, contentType, symbols, textparse.ParserOptions{})
		if err != nil {
			return err
		}
		var of labels.Labels
		for {
			entry, err := p.Next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			case entry == textparse.EntrySeries:
				p.Labels(&of)
			}
		}
	}
}

func compareSides(b *testing.B, request *http.Request, read func([]byte) error) {
	kubelet, unpacked := newKubelet(), new(bytes.Buffer)
	var theirs, ours time.Duration
	var size int
	for b.Loop() {
		response := httptest.NewRecorder()
		begin := time.Now()
		kubelet.ServeHTTP(response, request)
		sent := time.Now()
		size = response.Body.Len()
		if err := unpack(response, unpacked); err != nil {
			b.Fatal(err)
		}
		if err := read(unpacked.Bytes()); err != nil {
			b.Fatal(err)
		}
		theirs += sent.Sub(begin)
		ours += time.Since(sent)
	}
	b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "kubelet-µs")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "plimsoll-µs")
	b.ReportMetric(float64(size), "bytes")
}

// unpack empties into before.
func unpack(response *httptest.ResponseRecorder, into *bytes.Buffer) error {
	into.Reset()
	var from io.Reader = response.Body
	if response.Header().Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(response.Body)
		if err != nil {
			return err
		}
		from = packed
	}
	_, err := into.ReadFrom(from)
	return err
}
