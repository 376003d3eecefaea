package apiserver

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
)

// encoderOf is what encodes for a media type.
func encoderOf(t *testing.T, mediaType string, compress bool) runtime.Encoder {
	t.Helper()
	s := newSerializer(Codecs, compress)
	info, ok := runtime.SerializerInfoForMediaType(s.SupportedMediaTypes(), mediaType)
	if !ok {
		t.Fatalf("no serializer for %s", mediaType)
	}
	return s.EncoderForVersion(info.Serializer, metricsv1.SchemeGroupVersion)
}

// TestTheLibraryWritesTheRest has the library write other formats, and objects that cannot write themselves.
func TestTheLibraryWritesTheRest(t *testing.T) {
	s := newSerializer(Codecs, false)
	for _, info := range Codecs.SupportedMediaTypes() {
		for name, format := range map[string]runtime.Encoder{"plain": info.Serializer, "pretty": info.PrettySerializer} {
			if format == nil {
				continue
			}
			t.Run(info.MediaType+" "+name, func(t *testing.T) {
				own := s.EncoderForVersion(format, metricsv1.SchemeGroupVersion)
				library := Codecs.EncoderForVersion(format, metricsv1.SchemeGroupVersion)
				status := &metav1.Status{Message: "no"}
				want, got := encoded(t, library, status), encoded(t, own, status)
				if want != got {
					t.Errorf("a status is %q, want %q", got, want)
				}
				itself := name == "plain" && info.MediaType != runtime.ContentTypeYAML
				object := &pieces{parts: []string{"itself"}}
				want = encoded(t, library, object.API())
				if itself {
					want = "itself"
				}
				if got := encoded(t, own, object); got != want {
					t.Errorf("the object is %q, want %q", got, want)
				}
			})
		}
	}
}

func encoded(t *testing.T, e runtime.Encoder, object runtime.Object) string {
	t.Helper()
	encoded, err := runtime.Encode(e, object)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
