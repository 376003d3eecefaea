package sink_test

import (
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sink"
)

// FuzzParse checks that no value stops the process, that what is accepted can be followed, and that no message contains a password.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"influxdb", "influxdb:http://monitoring-influxdb:80"},
		{"influxdb:http://h:8086?user=u&pw=p&db=d&withfields=true", "influxdb:'https://h'?retention=30d&secure=true"},
		{"influxdb?bucket=b&org=o&token=t", "influxdb?queue=1Gi&timeout=1s&concurrency=3"},
		{"otlp:grpcs://[::1]", "otlp:https://h/api/v1/otlp?headers=a=b,c=d&attributes=e=f"},
		{"prometheus:http://h/w?labels=a=b&version=2.0", "prometheus:https://h/w?insecuressl=true"},
		{"log?lines=3", "metric:''"},
		{"kafka:?brokers=x", "graphite:tcp://h"},
		{"influxdb:${HOST", "}$PASSWORD"},
		{"influxdb?pw=%", "&a;b=%zz&=&?"},
		{`influxdb?pw='`, `x'&db="`},
		{":", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		const password = "sWordf1sh-sWordf1sh"
		checkSinks(t, []string{a, b})
		for _, value := range []string{
			"influxdb:http://user:" + password + "@" + b, "influxdb:http://h?pw=" + password + b, "influxdb:http://h?token=" + password + "&" + b,
			"influxdb:http://h?pw=x&" + password + b, "otlp:http://h?headers=a=" + password + b, "otlp:http://h?tenant=" + strings.NewReplacer("=", "", "?", "").Replace(a) + "&pw=" + password,
		} {
			sinks, err := sink.ParseAll([]string{value, a}, environment.lookup)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("ParseAll(%q) contains the password: %v", value, err)
			}
			for _, s := range sinks {
				if strings.Contains(s.String()+strings.Join(s.Notes, ""), password) {
					t.Errorf("%q contains the password: %v", value, s)
				}
			}
		}
	})
}

func checkSinks(t *testing.T, values []string) {
	t.Helper()
	sinks, err := sink.ParseAll(values, environment.lookup)
	if err != nil {
		if sinks != nil || !strings.HasPrefix(err.Error(), `sink "`) {
			t.Errorf("ParseAll(%q) = %v, %v", values, sinks, err)
		}
		return
	}
	for i, s := range sinks {
		e := s.Endpoint
		fine := s.Raw == values[i] && strings.HasPrefix(strings.TrimLeft(s.Raw, `'"`), s.Kind.String()) && strings.HasPrefix(s.Name, s.Kind.String()) &&
			s.QueueBytes >= 1<<20 && s.Timeout > 0 && s.Concurrency >= 1 && (s.LinesPerMinute > 0) == (s.Kind == sink.Log) &&
			(e.URL != "") == (s.Kind < sink.Log) && (e.CertFile == "") == (e.KeyFile == "") && (e.User == "" || e.Token+e.TokenFile == "") &&
			(s.InfluxDB.Database+s.InfluxDB.Bucket != "") == (s.Kind == sink.InfluxDB)
		if !fine {
			t.Errorf("ParseAll(%q)[%d] = %+v", values, i, s)
		}
	}
}
