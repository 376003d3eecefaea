package generic

import (
	"context"
	"slices"

	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
)

const (
	// readAtOnce is for how many objects a list goes on when its context is done.
	readAtOnce = 64
	// maxRemaining is up to how many objects that follow a page are counted. What a page costs has this bound.
	maxRemaining = 5000
)

// filling is a list that is being filled, up to the limit of a page.
type filling[O, U any] struct {
	*REST[O, U]
	list     *List[O, U]
	selected *selection[O]
	page     page
	// missing is true where one of the objects should have usage and has none.
	missing bool
	// remaining is how many objects with usage follow the page, as far as they are counted.
	remaining int64
}

// run puts in what the selected objects use. The error is that of the context.
func (f *filling[O, U]) run(ctx context.Context) error {
	wanted := f.wanted()
	for from := f.page.from; ; {
		objects, err := f.Select(ctx, genericapirequest.NamespaceValue(ctx), f.selected.labels, from, wanted)
		if err != nil {
			return err // List says of what.
		}
		objects = f.startingAt(objects, from)
		f.list.Items = slices.Grow(f.list.Items, f.page.size(len(objects)))
		for i, object := range objects {
			if i%readAtOnce == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if !f.add(object) {
				f.setEnd()
				return nil
			}
		}
		if wanted == 0 || len(objects) < wanted {
			f.setEnd()
			return nil
		}
		from = next(f.Key(objects[len(objects)-1]))
	}
}

// wanted is how many objects are selected at a time; 0 for all.
func (f *filling[O, U]) wanted() int {
	switch {
	case f.page.limit == 0:
		return 0
	case f.selected.isAll():
		return f.page.limit + maxRemaining
	default:
		return f.page.limit + readAtOnce
	}
}

// startingAt returns the objects from a key on. They are in the order of their keys.
func (f *filling[O, U]) startingAt(objects []O, from Key) []O {
	at, _ := slices.BinarySearchFunc(objects, from, func(o O, k Key) int { return compareKeys(f.Key(o), k) })
	return objects[at:]
}

// add puts in an object, or counts it where the page is full. It is false once enough is known of what remains.
func (f *filling[O, U]) add(object O) (goOn bool) {
	if !f.selected.hasFields(object) {
		return true
	}
	if f.page.isFull(len(f.list.Items)) {
		if f.Has(object) {
			f.remaining++
		}
		return f.remaining == 0 || f.selected.isAll() && f.remaining <= maxRemaining
	}
	if used, ok := f.Read(object); ok {
		f.list.Items = append(f.list.Items, Item[O, U]{object, used, f.Cell(object), f.Encoding})
	} else {
		f.missing = f.missing || f.Expects == nil || f.Expects(object)
	}
	return true
}

// setEnd says whether the list goes on after the page. How much remains is known where nothing but the namespace is selected, as the API has
// it, and where that is not too much to be counted.
func (f *filling[O, U]) setEnd() {
	if f.remaining == 0 {
		return
	}
	items := f.list.Items
	f.list.Continue = token(next(f.Key(items[len(items)-1].Object)), int64(f.page.version))
	if f.selected.isAll() && f.remaining <= maxRemaining {
		f.list.RemainingItemCount = &f.remaining
	}
}
