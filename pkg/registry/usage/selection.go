package usage

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// Fields are the field selectors that a resource supports, each with the value that an object has for it.
type Fields[O any] map[string]func(O) string

// selection is what a request selects. A nil field selector selects everything.
type selection[O any] struct {
	labels labels.Selector
	fields fields.Selector
	known  Fields[O]
}

// newSelection reads the selectors of a request. The error, a BadRequest, names every field that is not supported.
func newSelection[O any](options *internalversion.ListOptions, known Fields[O]) (*selection[O], error) {
	s := &selection[O]{labels: labels.Everything(), known: known}
	if options == nil {
		return s, nil
	}
	if options.LabelSelector != nil {
		s.labels = options.LabelSelector
	}
	if options.FieldSelector != nil && !options.FieldSelector.Empty() {
		s.fields = options.FieldSelector
		return s, known.check(options.FieldSelector)
	}
	return s, nil
}

func (k Fields[O]) check(selector fields.Selector) error {
	var unknown []string
	for _, r := range selector.Requirements() {
		if _, ok := k[r.Field]; !ok {
			unknown = append(unknown, r.Field)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return apierrors.NewBadRequest(fmt.Sprintf("field selector %s is not supported: use one of %s",
		quoted(unknown), quoted(slices.Sorted(maps.Keys(k)))))
}

func quoted(names []string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}

func (s *selection[O]) hasFields(object O) bool {
	return s.fields == nil || s.fields.Matches(fieldsOf[O]{s.known, object})
}

// fieldsOf shows one object to a field selector without copying anything out of it.
type fieldsOf[O any] struct {
	known  Fields[O]
	object O
}

// Has says whether the field is one that objects of this resource have.
func (f fieldsOf[O]) Has(field string) bool {
	_, ok := f.known[field]
	return ok
}

// Get returns the object's value of a field, empty for one that it does not have.
func (f fieldsOf[O]) Get(field string) string {
	if value, ok := f.known[field]; ok {
		return value(f.object)
	}
	return ""
}
