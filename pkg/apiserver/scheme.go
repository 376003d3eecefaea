package apiserver

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/metrics/pkg/apis/metrics/install"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

var (
	// Scheme knows every type that the server reads and writes. Nothing is added to it after start.
	Scheme = newScheme()
	// Codecs encode and decode the types of Scheme.
	Codecs = serializer.NewCodecFactory(Scheme)
)

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	// The options of a request, such as ListOptions, are read as of this version whatever the group.
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	for _, version := range []schema.GroupVersion{metricsv1.SchemeGroupVersion, metricsv1beta1.SchemeGroupVersion} {
		for _, kind := range []string{"NodeMetrics", "PodMetrics"} {
			utilruntime.Must(scheme.AddFieldLabelConversionFunc(version.WithKind(kind), keepFieldLabel))
		}
	}
	return scheme
}

// keepFieldLabel lets every field selector through to the registry, which knows its fields and names them in a refusal.
func keepFieldLabel(label, value string) (string, string, error) {
	return label, value, nil
}
