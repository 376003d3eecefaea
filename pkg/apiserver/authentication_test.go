package apiserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
)

// TestTokenReviewsOfOneAddress has one address send more tokens than may be reviewed at once. Other addresses, and requests without a token, do not wait.
func TestTokenReviewsOfOneAddress(t *testing.T) {
	const most = 50
	tests := []struct {
		name, address, token string
		code                 int
	}{
		{"the same address", "192.0.2.1:2", "Bearer x", http.StatusTooManyRequests},
		{"another address", "192.0.2.2:1", "Bearer x", http.StatusOK},
		{"the same address, no token", "192.0.2.1:3", "", http.StatusOK},
	}
	waits, review := make(chan struct{}), make(chan struct{})
	config := fakeCluster{}.config()
	authenticating(func(r *http.Request) (*authenticator.Response, bool, error) {
		if r.RemoteAddr == "192.0.2.1:1" {
			waits <- struct{}{}
			<-review
		}
		return &authenticator.Response{User: &user.DefaultInfo{Name: "ann"}}, true, nil
	})(config.Generic)
	h := handler(t, config)
	askFrom := func(address, token string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, apisMetrics+"v1/pods", nil)
		request.RemoteAddr = address
		if token != "" {
			request.Header.Set("Authorization", token)
		}
		response := httptest.NewRecorder()
		h.ServeHTTP(response, request)
		return response
	}
	codes := make(chan int)
	for range most {
		go func() { codes <- askFrom("192.0.2.1:1", "Bearer x").Code }()
	}
	for range most {
		<-waits
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response := askFrom(tt.address, tt.token)
			if response.Code != tt.code || (tt.code == http.StatusTooManyRequests) != (response.Header().Get("Retry-After") == "1" && response.Body.Len() == 0) {
				t.Errorf("code %d, header %v, %d bytes, want code %d", response.Code, response.Header(), response.Body.Len(), tt.code)
			}
		})
	}
	close(review)
	for range most {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("code %d", code)
		}
	}
}
