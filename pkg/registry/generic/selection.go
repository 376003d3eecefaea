package generic

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

// newSelection reads the selectors of a request. The error, a BadRequest, names the fields that are not supported, or says how many
// requirements are too many.
func newSelection[O any](options *internalversion.ListOptions, known Fields[O]) (*selection[O], error) {
	s := &selection[O]{labels: labels.Everything(), known: known}
	if options == nil {
		return s, nil
	}
	if err := checkSize(options); err != nil {
		return nil, err
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

const (
	// MaxRequirements bounds the requirements of each selector of a request. Their number times that of the objects is what a list costs.
	MaxRequirements = 128
	// MaxValues bounds the values in the requirements of a label selector.
	MaxValues = 1024
)

// checkSize bounds what each object is compared with.
func checkSize(options *internalversion.ListOptions) error {
	if options.LabelSelector != nil {
		requirements, _ := options.LabelSelector.Requirements()
		values := 0
		for i := range requirements {
			values += len(requirements[i].ValuesUnsorted())
		}
		if len(requirements) > MaxRequirements || values > MaxValues {
			return apierrors.NewBadRequest(fmt.Sprintf("label selector has %d requirements with %d values: at most %d requirements with %d values are allowed",
				len(requirements), values, MaxRequirements, MaxValues))
		}
	}
	if options.FieldSelector != nil {
		if n := len(options.FieldSelector.Requirements()); n > MaxRequirements {
			return apierrors.NewBadRequest(fmt.Sprintf("field selector has %d requirements: at most %d are allowed", n, MaxRequirements))
		}
	}
	return nil
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

// isAll is true where nothing but the namespace is selected.
func (s *selection[O]) isAll() bool { return s.fields == nil && s.labels.Empty() }

func (s *selection[O]) hasFields(object O) bool {
	return s.fields == nil || s.fields.Matches(fieldsOf[O]{s.known, object})
}

// fieldsOf shows one object to a field selector, all fields of which are known, without copying anything out of it.
type fieldsOf[O any] struct {
	known  Fields[O]
	object O
}

// Has implements fields.Fields.
func (f fieldsOf[O]) Has(string) bool { return true }

// Get implements fields.Fields.
func (f fieldsOf[O]) Get(field string) string { return f.known[field](f.object) }
