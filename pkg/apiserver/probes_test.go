package apiserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestUnreadProbes has clients not take the responses of probes. Beyond a bound the response is the code alone, and waits for no client.
func TestUnreadProbes(t *testing.T) {
	const most = 50
	h := handler(t, guardedConfig())
	want := get(t.Context(), h, "/livez", "*/*").Code
	probe := func(w http.ResponseWriter) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil)
		request.ProtoMajor = 2
		h.ServeHTTP(w, request)
	}
	waits, taken, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range most {
		go func() {
			probe(&unread{httptest.NewRecorder(), waits, taken})
			ended <- struct{}{}
		}()
	}
	for range most {
		<-waits
	}
	response := httptest.NewRecorder()
	if probe(response); response.Code != want || response.Body.Len() > 0 || response.Header().Get("Content-Length") != "0" {
		t.Errorf("code %d, %q, header %v, want %d without a body", response.Code, response.Body, response.Header(), want)
	}
	close(taken)
	for range most {
		<-ended
	}
	again := httptest.NewRecorder()
	if probe(again); again.Code != want || again.Body.Len() == 0 {
		t.Errorf("code %d, %q: the places are not given back", again.Code, again.Body)
	}
}

// TestUnreadRefusalsTakeNothingOfProbes has anonymous clients not take as many refusals as may have a body: a probe has one all the same.
func TestUnreadRefusalsTakeNothingOfProbes(t *testing.T) {
	const most = 50
	h := handler(t, guardedConfig())
	waits, taken, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range most {
		go func() {
			askAs(t, h, "", &unread{httptest.NewRecorder(), waits, taken})
			ended <- struct{}{}
		}()
	}
	for range most {
		<-waits
	}
	refusal := httptest.NewRecorder()
	if code := askAs(t, h, "", refusal); code != http.StatusForbidden || refusal.Body.Len() > 0 {
		t.Errorf("one more refusal has code %d and %q, want no body", code, refusal.Body)
	}
	if probe := get(t.Context(), h, "/livez", "*/*"); probe.Body.Len() == 0 {
		t.Errorf("a probe has code %d and no body", probe.Code)
	}
	close(taken)
	for range most {
		<-ended
	}
}
