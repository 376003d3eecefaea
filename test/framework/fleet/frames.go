package fleet

// The first frames of a server of HTTP/2: its settings, which are empty, and the end of the connection (GOAWAY) for a protocol error.
const (
	settingsFrame = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	goAwayFrame   = "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x01"
)

// HTTP2Frames responds to HTTP/1.1 with frames of HTTP/2.
func HTTP2Frames() Fault {
	return raw("HTTP/2 frames", func(*exchange) []byte { return []byte(settingsFrame + goAwayFrame) })
}
