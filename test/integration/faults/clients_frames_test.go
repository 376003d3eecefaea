package faults

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// unread is a window that allows the server to send no byte of a body.
var unread = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}

// frameFloods are floods of frames that need no right.
func frameFloods() map[string]frames {
	const rate = 2000
	open := func(method string, end bool) func(*frameWriter) error {
		return func(c *frameWriter) error {
			_, err := c.open(method, apis+"/pods", end)
			return err
		}
	}
	fragment := headerFields(4 << 10)
	unended := func(c *frameWriter) error {
		return c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fragment, EndStream: true})
	}
	return map[string]frames{
		"SETTINGS": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: uint32(i % 4096)})
		}},
		"PING": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WritePing(false, [8]byte{byte(i)})
		}},
		"PING, acknowledgements not read": {perSecond: rate, write: func(c *frameWriter, i int) error {
			return c.WritePing(false, [8]byte{byte(i)})
		}},
		"WINDOW_UPDATE": {perSecond: rate, reads: true, write: func(c *frameWriter, _ int) error { return c.WriteWindowUpdate(0, 1) }},
		"empty DATA": {perSecond: rate, reads: true, begin: open(http.MethodPost, false), write: func(c *frameWriter, _ int) error {
			return c.WriteData(1, false, nil)
		}},
		"PRIORITY": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WritePriority(uint32(i)*2+1, http2.PriorityParam{StreamDep: uint32(i), Weight: byte(i)})
		}},
		"PRIORITY_UPDATE": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WritePriorityUpdate(uint32(i)*2+1, "u=1")
		}},
		"GOAWAY": {perSecond: rate, reads: true, settings: unread, begin: open(http.MethodGet, true), write: func(c *frameWriter, _ int) error {
			return c.WriteGoAway(0, http2.ErrCodeInternal, nil)
		}},
		"frames of an unknown type": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WriteRawFrame(0xfe, 0, uint32(i), []byte("unknown"))
		}},
		"CONTINUATION of 4 KiB": {perSecond: rate / 4, reads: true, begin: unended, write: func(c *frameWriter, _ int) error {
			return c.WriteContinuation(1, false, fragment)
		}},
		"empty CONTINUATION": {perSecond: rate, reads: true, begin: unended, write: func(c *frameWriter, _ int) error {
			return c.WriteContinuation(1, false, nil)
		}},
		"RST_STREAM of idle streams": {perSecond: rate, reads: true, write: func(c *frameWriter, i int) error {
			return c.WriteRSTStream(uint32(i)*2+1, http2.ErrCodeCancel)
		}},
	}
}

// headerFields are encoded header fields of about so many bytes.
func headerFields(size int) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for i := 0; block.Len() < size; i++ {
		// A sensitive field is not remembered, so the block may be sent again and again.
		_ = encoder.WriteField(hpack.HeaderField{Name: fmt.Sprintf("x-%d", i), Value: strings.Repeat("&", 100), Sensitive: true})
	}
	return block.Bytes()
}

// TestFloodsOfFrames has anonymous clients write frames of HTTP/2 that cost the server more than the client, or might.
func TestFloodsOfFrames(t *testing.T) {
	var clients []clientAttack
	for name, f := range frameFloods() {
		c := clientAttack{name: fmt.Sprintf("%s, %d/s", name, f.perSecond), wage: func(ctx context.Context, t *testing.T) error {
			var results tally
			if err := f.wage(ctx, &results); err != nil {
				return err
			}
			results.log(t, name)
			return results.check(int(lasts.Seconds()), "frames", "connections", "connections refused")
		}}
		if name == "GOAWAY" || name == "CONTINUATION of 4 KiB" || name == "RST_STREAM of idle streams" {
			c.counted = []string{refusals("protocol_error")}
		}
		clients = append(clients, c)
	}
	waged(t, "12 floods of HTTP/2 frames, 22,500/s", clients)
}
