package servingcert

import (
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestDecode(t *testing.T) {
	i, s := made(t)
	var secret corev1.Secret
	if err := s.encode(&secret); err != nil {
		t.Fatal(err)
	}
	other, err := i.renew(nil, nil, day, never)
	if err != nil {
		t.Fatal(err)
	}
	var foreign corev1.Secret
	if err := other.encode(&foreign); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		from map[string][]byte
		want string
	}{
		{"as it was encoded", nil, ""},
		{"no authority", map[string][]byte{"ca.crt": nil}, "read ca.crt: "},
		{"no key of the authority", map[string][]byte{"ca.key": []byte("x")}, "read ca.key: "},
		{"the key of another authority", map[string][]byte{"ca.key": foreign.Data["ca.key"]}, "read ca.key: it is not the key of the first certificate in ca.crt"},
		{"no certificate", map[string][]byte{"tls.crt": nil}, "read tls.crt and tls.key: "},
		{"the key of another certificate", map[string][]byte{"tls.key": foreign.Data["tls.key"]}, "read tls.crt and tls.key: "},
		{
			"another authority", map[string][]byte{"ca.crt": foreign.Data["ca.crt"], "ca.key": foreign.Data["ca.key"]},
			"read tls.crt: no certificate in ca.crt has signed it",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := maps.Clone(secret.Data)
			maps.Copy(data, tt.from)
			got, err := decode(data)
			if tt.want == "" {
				if err != nil || !got.serving.Equal(s.serving) || !got.signer().Equal(s.authorities[0]) {
					t.Errorf("got another state: %v", err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
