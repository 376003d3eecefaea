package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// FuzzParse checks that no value stops the process, that what is accepted can be followed, and that no message contains a password.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"kubernetes", "kubernetes.summary_api:''"},
		{"kubernetes:https:", "h:6443?insecure=true&kubeletPort=1"},
		{"kubernetes?auth=x&nodeSelector=a=b,c+in+(d)", "kubernetes:https://h/path/?cluster=a&resolution=5s"},
		{"kubernetes:http://127.0.0.1:8080?inClusterConfig=false", "kubernetes?kubeletHttps=false&addressTypes=InternalIP"},
		{"kubernetes:https://u:p?q&auth", "x@y?auth=me@corp#z"},
		{"kubernetes:${HOST", "}$SECRET_URL"},
		{"kubernetes?nodeSelector=%", "&a;b=%zz&=&?"},
		{`kubernetes:"`, "a:b"},
		{`kubernetes?auth=''`, `kubernetes:''?auth=""&nodeSelector='a=b'`},
		{`'kubernetes:https://h?insecure=true'`, `"kubernetes:'https://h'?auth='x'"`},
		{`kubernetes:'https://h?auth=x'`, `kubernetes?auth='x&insecure=true'`},
		{`'kubernetes:https://h`, `kubernetes?auth=x'&kubeletPort="1`},
		{":", ""},
		{"prometheus:https://e/p?match=a=\"b\"&tokenFile=/t&shardSize=9", "prometheus:http://e?window=5m&replicaLabel=&dedup=0&nodeSelector=a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		const password = "sWordf1sh-sWordf1sh"
		checkSources(t, []string{a, b})
		// An equals sign may end a password that is not escaped: an option seems to begin before it.
		longer := password + strings.ReplaceAll(a, "=", "")
		for _, value := range []string{a + "://user:" + password + "@" + b, "kubernetes:https://user:" + longer + "@" + b} {
			_, err := source.ParseAll([]string{value, a}, flags(), environment)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("ParseAll(%q) contains the password: %v", value, err)
			}
		}
	})
}

func checkSources(t *testing.T, values []string) {
	t.Helper()
	sources, err := source.ParseAll(values, flags(), environment)
	if err != nil {
		if sources != nil || !strings.HasPrefix(err.Error(), `source "`) {
			t.Errorf("ParseAll(%q) = %v, %v", values, sources, err)
		}
		return
	}
	for i, s := range sources {
		k := s.Kubelet
		if e := s.Engine; s.Kind == source.Prometheus {
			fine := strings.HasPrefix(e.URL, "http") && e.ShardSize > 0 && e.Window >= s.Resolution && e.NodeLabel != "" && (e.User == "") == (e.PasswordFile == "") &&
				(strings.HasPrefix(e.URL, "https://") || e.TokenFile+e.PasswordFile+e.CertFile == "") && e.RequestTimeout > 0 && e.RequestTimeout < s.Resolution
			if !fine {
				t.Errorf("ParseAll(%q)[%d] = %+v", values, i, s)
			}
			k = flags().Kubelet // It has none.
		}
		fine := s.Raw == values[i] && strings.HasPrefix(strings.TrimLeft(s.Raw, `'"`), s.Kind.String()) && s.NodeSelector != nil &&
			k.Port >= 1 && k.Port <= 65535 && len(k.AddressTypes) > 0 &&
			s.Resolution >= 5*time.Second && (s.Kind == source.Prometheus || k.RequestTimeout > 0 && k.RequestTimeout < s.Resolution) &&
			(s.API.InCluster || s.API.Kubeconfig != "" || s.API.Server != "") && (!s.API.InCluster || s.API.Kubeconfig == "") &&
			(k.HTTPS || !k.InsecureTLS && k.CAFile+k.CertFile+k.KeyFile == "")
		if !fine {
			t.Errorf("ParseAll(%q)[%d] = %+v", values, i, s)
		}
	}
}
