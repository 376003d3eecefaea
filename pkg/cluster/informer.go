package cluster

import (
	"fmt"
	"math"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
)

// informer keeps the objects of one kind as the API server has them. T is a type of the API, S what is kept of its objects. Objects are
// stripped as they arrive, one by one: a cluster's first list needs no memory for complete objects, and neither do the changes that follow.
// The reflector calls its methods, one call at a time.
type informer[T any, S strippedObject] struct {
	strip   func(*T) S
	objects objects[S]
	// synced is closed once all objects that there were at the start are known.
	synced chan struct{}
	once   sync.Once
}

// strippedObject is what is kept of an object.
type strippedObject interface {
	objectName() cache.ObjectName
}

// objects are those of an informer.
type objects[S any] interface {
	// set adds an object, or replaces the one of its name, and remove drops that one.
	set(S)
	remove(S)
	// replace adds objects and drops all others.
	replace([]S)
}

func newInformer[T any, S strippedObject](strip func(*T) S, objects objects[S]) *informer[T, S] {
	return &informer[T, S]{strip: strip, objects: objects, synced: make(chan struct{})}
}

// minBackOff and maxBackOff bound the wait between two attempts to reach an API server that is away, to which up to a half is added. The library's own
// maximum, of up to a minute, is for API servers with thousands of clients; new pods would be unknown for that long after the API server's return.
const (
	minBackOff = 800 * time.Millisecond
	maxBackOff = 5 * time.Second
)

// newReflector returns what feeds the informer.
func (i *informer[T, S]) newReflector(from cache.ListerWatcher, name string) *cache.Reflector {
	return cache.NewReflectorWithOptions(from, new(T), i, cache.ReflectorOptions{Name: name, Backoff: &wait.Backoff{
		Duration: minBackOff, Cap: maxBackOff, Factor: 2, Jitter: 0.5, Steps: math.MaxInt32,
	}})
}

// wrapper is a stripped object where the library wants one of the API's: in a list, which it indexes by the names.
type wrapper[S strippedObject] struct{ object S }

// GetObjectKind implements runtime.Object.
func (wrapper[S]) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject implements runtime.Object. Stripped objects are shared and never changed.
func (w wrapper[S]) DeepCopyObject() runtime.Object { return w }

// GetObjectMeta implements metav1.ObjectMetaAccessor.
func (w wrapper[S]) GetObjectMeta() metav1.Object {
	name := w.object.objectName()
	return &metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name}
}

// Transformer has the reflector strip the objects of a first list while they arrive. It implements cache.TransformingStore.
func (i *informer[T, S]) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if full, ok := object.(*T); ok {
			return wrapper[S]{i.strip(full)}, nil
		}
		return object, nil
	}
}

// stripped strips an object, unless that is done.
func (i *informer[T, S]) stripped(object any) (s S, err error) {
	switch o := object.(type) {
	case *T:
		return i.strip(o), nil
	case wrapper[S]:
		return o.object, nil
	default:
		return s, fmt.Errorf("the API server sent a %T in place of a %T", object, new(T))
	}
}

// Add implements cache.ReflectorStore.
func (i *informer[T, S]) Add(object any) error { return i.Update(object) }

// Update implements cache.ReflectorStore.
func (i *informer[T, S]) Update(object any) error { return i.change(object, i.objects.set) }

// Delete implements cache.ReflectorStore.
func (i *informer[T, S]) Delete(object any) error { return i.change(object, i.objects.remove) }

func (i *informer[T, S]) change(object any, change func(S)) error {
	s, err := i.stripped(object)
	if err != nil {
		return err
	}
	change(s)
	return nil
}

// Replace implements cache.ReflectorStore.
func (i *informer[T, S]) Replace(list []any, _ string) error {
	all := make([]S, len(list))
	for at, object := range list {
		var err error
		if all[at], err = i.stripped(object); err != nil {
			return err
		}
	}
	i.objects.replace(all)
	i.once.Do(func() { close(i.synced) })
	return nil
}

// Resync implements cache.ReflectorStore. There is nothing to do.
func (i *informer[T, S]) Resync() error { return nil }
