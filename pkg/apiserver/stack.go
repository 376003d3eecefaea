package apiserver

import "runtime"

// growStack gives the stack of the calling goroutine at least 16 KiB. A request has two new goroutines, the HTTP server's and that of the library's timeout,
// and the frames of the library's filters fill several KiB in each. The runtime would double the stack step by step, and copy all frames each time: an
// eighth of the CPU of a small response. So it is called where a goroutine of a request first reaches this package, with few frames to copy.
//
//go:noinline
func growStack() {
	var frame [8 << 10]byte
	runtime.KeepAlive(&frame)
}
