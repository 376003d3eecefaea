package generic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// TestSharedItemIsEncodedOnce has many watchers encode an item at the same time, in two forms.
func TestSharedItemIsEncodedOnce(t *testing.T) {
	item := &SharedItem[int, int]{most: sharedForms}
	var encoded atomic.Int32
	var watchers sync.WaitGroup
	for i := range 100 {
		watchers.Go(func() {
			id := runtime.Identifier(fmt.Sprint("form ", i%2))
			var out bytes.Buffer
			err := item.CacheEncode(id, func(object runtime.Object, w io.Writer) error {
				encoded.Add(1)
				if object != item.GetObject() {
					t.Errorf("the library is given %T", object)
				}
				_, err := io.WriteString(w, string(id))
				return err
			}, &out)
			if err != nil || out.String() != string(id) {
				t.Errorf("got %q, %v", out.String(), err)
			}
		})
	}
	watchers.Wait()
	if n := encoded.Load(); n != 2 {
		t.Errorf("encoded %d times, want once for each form", n)
	}
}

// TestSharedItemKeepsFewForms has each watcher want a form of its own.
func TestSharedItemKeepsFewForms(t *testing.T) {
	item := &SharedItem[int, int]{most: sharedForms}
	for i := range 3 * sharedForms {
		for range 2 {
			var out bytes.Buffer
			id := runtime.Identifier(fmt.Sprint(i))
			if err := item.CacheEncode(id, func(_ runtime.Object, w io.Writer) error {
				_, err := io.WriteString(w, string(id))
				return err
			}, &out); err != nil || out.String() != string(id) {
				t.Errorf("got %q, %v", out.String(), err)
			}
		}
	}
	if len(item.kept) != sharedForms {
		t.Errorf("%d forms are kept", len(item.kept))
	}
}

// TestSharedItemReportsErrors of the encoder, and of the client.
func TestSharedItemReportsErrors(t *testing.T) {
	broken := errors.New("broken")
	item := &SharedItem[int, int]{most: sharedForms}
	for range 2 {
		if err := item.CacheEncode("a", func(runtime.Object, io.Writer) error { return broken }, io.Discard); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
	closed, w := io.Pipe()
	_ = closed.CloseWithError(broken)
	if err := item.CacheEncode("b", func(_ runtime.Object, w io.Writer) error { _, err := w.Write([]byte("x")); return err }, w); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestSharedItemThatPanics has the encoder panic for one watcher: no other takes the event for one without content.
func TestSharedItemThatPanics(t *testing.T) {
	item := &SharedItem[int, int]{most: sharedForms}
	encode := func() error {
		return item.CacheEncode("a", func(runtime.Object, io.Writer) error { panic("a bug") }, io.Discard)
	}
	func() {
		defer func() { _ = recover() }()
		_ = encode()
	}()
	if err := encode(); err == nil {
		t.Error("the item is written without content")
	}
}
