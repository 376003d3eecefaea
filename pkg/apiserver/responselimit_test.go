package apiserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// unread is a response whose client takes nothing before the test lets it.
type unread struct {
	*httptest.ResponseRecorder
	waits chan<- struct{}
	taken <-chan struct{}
}

func (u *unread) FlushError() error {
	u.waits <- struct{}{}
	<-u.taken
	return nil
}

// TestUnreadRefusalsOfOneUser has an authenticated user's clients not take refusals. Beyond a bound the refusals have no body and wait for no client.
func TestUnreadRefusalsOfOneUser(t *testing.T) {
	const most = 50
	h := handler(t, guardedConfig())
	waits, taken, codes := make(chan struct{}), make(chan struct{}), make(chan int)
	for range most {
		go func() { codes <- askAs(t, h, "tenant", &unread{httptest.NewRecorder(), waits, taken}) }()
	}
	for range most {
		<-waits
	}
	response := httptest.NewRecorder()
	if code := askAs(t, h, "tenant", response); code != http.StatusForbidden || response.Body.Len() > 0 || response.Header().Get("Content-Length") != "0" {
		t.Errorf("code %d, %q, header %v, want %d without a body", code, response.Body, response.Header(), http.StatusForbidden)
	}
	close(taken)
	for range most {
		if code := <-codes; code != http.StatusForbidden {
			t.Errorf("code %d", code)
		}
	}
	again := httptest.NewRecorder()
	if code := askAs(t, h, "tenant", again); code != http.StatusForbidden || again.Body.Len() == 0 {
		t.Errorf("code %d, %q: the places are not given back", code, again.Body)
	}
}

// TestAuthorizedResponseIsNoRefusal checks that the server does not wait until an authorized client has read the response.
func TestAuthorizedResponseIsNoRefusal(t *testing.T) {
	waits, taken := make(chan struct{}, 1), make(chan struct{})
	close(taken)
	response := &unread{httptest.NewRecorder(), waits, taken}
	if code := askAs(t, handler(t, guardedConfig()), "autoscaler", response); code != http.StatusOK || len(waits) > 0 {
		t.Errorf("code %d, waited for the client: %t", code, len(waits) > 0)
	}
}
