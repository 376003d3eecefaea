package apiserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/klog/v2"
)

// events is an audit backend that keeps its events as a log would have them.
type events struct {
	auditRecord
	mu   sync.Mutex
	text bytes.Buffer
}

func (e *events) ProcessEvents(all ...*auditinternal.Event) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range all {
		if err := json.NewEncoder(&e.text).Encode(event); err != nil {
			return false
		}
	}
	return true
}

// TestClientTextIsTruncated has clients send 5,000 times a letter that stands nowhere else. No text of a response, line of the log or field of an
// audit event has it more than 200 times.
func TestClientTextIsTruncated(t *testing.T) {
	const letter = "Ж"
	long := strings.Repeat("%D0%96", 5000)
	half := strings.Repeat("%D0%96", 80) // 160 bytes as text, 480 in the log: a path that is allowed.
	raw := strings.Repeat("Q", 5000)
	list := apisMetrics + "v1/pods"
	tests := []struct {
		name, method, target string
		headers              map[string]string
	}{
		{"path", http.MethodGet, "/" + long, nil},
		{"allowed path", http.MethodGet, "/" + half, nil},
		{"plain path", http.MethodGet, "/" + raw[:500], nil},
		{"path of other clusters", http.MethodGet, "/clusters/" + long, nil},
		{"name", http.MethodGet, apisMetrics + "v1/namespaces/shop/pods/" + raw[:400], nil},
		{"namespace", http.MethodGet, apisMetrics + "v1/namespaces/" + raw[:400] + "/pods", nil},
		{"resource", http.MethodGet, apisMetrics + "v1/" + raw[:400], nil},
		{"label selector", http.MethodGet, list + "?labelSelector=" + raw + "%20%20=)", nil},
		{"label value", http.MethodGet, list + "?labelSelector=a%3D" + raw, nil},
		{"field selector", http.MethodGet, list + "?fieldSelector=" + raw + "%3Da", nil},
		{"limit", http.MethodGet, list + "?limit=" + raw, nil},
		{"timeout", http.MethodGet, list + "?timeout=" + raw, nil},
		{"checks", http.MethodGet, "/livez?verbose&exclude=" + raw, nil},
		{"method", raw, list, nil},
		{"user agent", http.MethodGet, list, map[string]string{"User-Agent": raw}},
		{"source", http.MethodGet, list, map[string]string{"X-Forwarded-For": strings.Repeat("81.81.81.81,", 5000)}},
		{"content type", http.MethodGet, list, map[string]string{"Accept": raw}},
		{"impersonated user", http.MethodGet, list, map[string]string{"Impersonate-User": raw}},
		{"impersonated group", http.MethodGet, list, map[string]string{"Impersonate-Group": raw}},
		{"user", http.MethodGet, list, map[string]string{"X-Test-User": raw}},
		{"token", http.MethodGet, list, map[string]string{"Authorization": raw}},
	}
	restore := klog.CaptureState()
	defer restore.Restore()
	var fs flag.FlagSet
	klog.InitFlags(&fs)
	if err := errors.Join(fs.Set("v", "4"), fs.Set("logtostderr", "false")); err != nil {
		t.Fatal(err)
	}
	for _, allowed := range []string{"", "autoscaler", "undecidable"} {
		for _, tt := range tests {
			t.Run(tt.name+" "+allowed, func(t *testing.T) {
				var log bytes.Buffer
				klog.SetOutput(&log)
				config, backend := guardedConfig(), &events{}
				known := config.Generic.Authentication.Authenticator
				authenticating(func(r *http.Request) (*authenticator.Response, bool, error) {
					if token := r.Header.Get("Authorization"); token != "" {
						return nil, false, errors.New("invalid token " + token)
					}
					response, ok, err := known.AuthenticateRequest(r)
					if name := response.User.GetName(); len(name) > 100 {
						response.User = &user.DefaultInfo{Name: name}
					}
					return response, ok, err
				})(config.Generic)
				config.Generic.AuditBackend, config.Generic.AuditPolicyRuleEvaluator = backend, policy.NewFakePolicyRuleEvaluator(auditinternal.LevelMetadata, nil)
				decide := config.Generic.Authorization.Authorizer
				config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(
					func(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
						if a.GetUser().GetName() == "undecidable" {
							return authorizer.DecisionNoOpinion, "", fmt.Errorf("cannot review %s: no answer", a.GetPath())
						}
						return decide.Authorize(ctx, a)
					})
				h := handler(t, config)
				log.Reset()
				request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.target, nil)
				request.Method = tt.method
				request.Header.Set("Accept", asJSON)
				request.Header.Set("X-Test-User", allowed)
				for name, value := range tt.headers {
					request.Header.Set(name, value)
				}
				response := httptest.NewRecorder()
				h.ServeHTTP(response, request)
				klog.Flush()
				repeats := func(text string) int {
					return max(strings.Count(text, "Q"), strings.Count(text, letter)*2, strings.Count(text, "%D0%96")*6, strings.Count(text, "81.81.81.81,")*12)
				}
				var status struct{ Message string }
				if json.Unmarshal(response.Body.Bytes(), &status) == nil && repeats(status.Message) > 200 || repeats(response.Body.String()) > 400 {
					t.Errorf("the response repeats %d bytes: %.300s", repeats(response.Body.String()), response.Body)
				}
				for line := range strings.Lines(log.String()) {
					if repeats(line) > 400 { // Each of two fields has up to 200.
						t.Errorf("the log repeats %d bytes: %.600s", repeats(line), line)
					}
				}
				for field := range strings.SplitSeq(backend.text.String(), `":`) {
					if repeats(field) > 200 && tt.name != "user" { // The name of an authenticated user is no text of a client.
						t.Errorf("an audit event repeats %d bytes: %.300s", repeats(field), field)
					}
				}
			})
		}
	}
}
