package apiserver_test

import (
	"io"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/net/http2"
)

// TestHeaderTableThatChanges has anonymous clients change the size of the table of headers while responses are encoded with it. The race detector finds a
// library that uses the table unguarded, by which a client can stop the process.
func TestHeaderTableThatChanges(t *testing.T) {
	client, host := serve(t, guardedConfig())
	var clients sync.WaitGroup
	for range 4 {
		h := dialHostileClient(t, host)
		clients.Go(func() { _, _ = io.Copy(io.Discard, h.conn) })
		clients.Go(func() {
			defer h.conn.Close()
			if err := h.changeTable(1000); err != nil {
				t.Errorf("after %d streams: %v", h.next/2, err)
			}
		})
	}
	clients.Wait()
	await(t, client, host+"/livez", http.StatusOK, "ok")
}

// changeTable opens so many streams, and changes the size of the table after each.
func (h *hostileClient) changeTable(streams int) error {
	for range streams {
		if err := h.open(http.MethodGet, "/livez", false); err != nil {
			return err
		}
		for _, size := range []uint32{0, 4096, 64} {
			if err := h.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: size}); err != nil {
				return err
			}
		}
	}
	return nil
}
