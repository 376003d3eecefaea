package apiserver

import (
	"runtime"
	"testing"
	"unsafe"
)

// TestGrownStackIsNotCopied calls functions in a new goroutine that take 10 KiB of its stack. A stack that the runtime copies has another address.
func TestGrownStackIsNotCopied(t *testing.T) {
	moved := make(chan bool)
	go func() {
		growStack()
		var local byte
		before := uintptr(unsafe.Pointer(&local))
		callDeep(10)
		moved <- before != uintptr(unsafe.Pointer(&local))
	}()
	if <-moved {
		t.Error("the stack is copied although it was grown")
	}
}

// callDeep takes so many KiB of the stack.
//
//go:noinline
func callDeep(n int) {
	var frame [1 << 10]byte
	if n > 0 {
		callDeep(n - 1)
	}
	runtime.KeepAlive(&frame)
}
