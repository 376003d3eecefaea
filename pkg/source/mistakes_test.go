package source_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/source"
)

const (
	twoPrefixes = "write kubernetes (the kubelets' /metrics/resource), kubernetes.summary_api (their /stats/summary), or prometheus (an engine that has scraped them)"
	allowed     = "inClusterConfig, auth, useServiceAccount, insecure, cluster, nodeSelector, kubeletHttps, kubeletPort, useNodeStatusPort, " +
		"addressTypes, kubeletAllowLocalAddresses, kubeletCertificateAuthority, kubeletClientCertificate, kubeletClientKey, kubeletInsecureTLS, kubeletVerify, requestTimeout, resolution, host_id_annotation"
	toEncrypt = "write https://, or give inClusterConfig=false without auth and useServiceAccount for no credentials"
	noUser    = " has a user or password before the @ of a URL, where other users of the machine can read it: give credentials in a kubeconfig, with auth=FILE"
	noHost    = " names no host: write https://HOST:PORT"
	badPort   = " has an invalid port: write one from 1 to 65535, or none"
	noScheme  = " does not begin with https:// or http://: write one of these before HOST:PORT"
	noURL     = " is not a URL: write https://HOST:PORT, with the brackets of an IPv6 address, and with a % only before two hexadecimal digits"
	noBool    = " must be true or false"
	noPort    = " must be a port from 1 to 65535"
	noLabel   = " must be a DNS label, 1 to 63 of a-z, 0-9 and - with a letter or digit at both ends: leave the option out for the home cluster"
	noFile    = " must name a file: leave the option out for its default"
	noTypes   = " must be a list, with commas and no spaces, of [Hostname InternalDNS InternalIP ExternalDNS ExternalIP]: "
	noTimeout = " must be a duration above 0, such as 10s"
	noTime    = " must be a duration of at least 5s, such as 30s"
	noEscape  = " has a % that two hexadecimal digits do not follow: write %25 for the sign itself"
	noQuote   = ` has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for "`
	noName    = " has a $ that no name of a variable follows: write $NAME or ${NAME}, or %24 for the sign itself"
)

func TestParseMistakes(t *testing.T) {
	for _, tc := range []struct {
		in string
		// want are the messages, with "…" for the word source and the quoted value.
		want []string
	}{
		// Prefixes.
		{"", []string{`… has no prefix: ` + twoPrefixes}},
		{":''", []string{`… has no prefix: ` + twoPrefixes}},
		{"?a=b", []string{`… has no prefix: ` + twoPrefixes}},
		{"Kubernetes", []string{`… has the unknown prefix "Kubernetes": ` + twoPrefixes}},
		{"kubernetes.summary", []string{`… has the unknown prefix "kubernetes.summary": ` + twoPrefixes}},
		{" kubernetes", []string{`… has the unknown prefix " kubernetes": ` + twoPrefixes}},
		{"https://10.0.0.1", []string{`… has the unknown prefix "https": ` + twoPrefixes}},
		{"kubernetes/x", []string{`… has the unknown prefix "kubernetes/x": ` + twoPrefixes}},

		// Variables.
		{"kubernetes:https://$NOPE/${NEITHER}", []string{
			`… names the variable NOPE, which is not set: set it in Plimsoll's environment, or write %24 for a dollar sign`,
			`… names the variable NEITHER, which is not set: set it in Plimsoll's environment, or write %24 for a dollar sign`,
		}},
		{"kubernetes?kubeletPort=$PORT", []string{`…: kubeletPort="99999"` + noPort}},
		{"kubernetes:$", []string{"…" + noName}},
		{"kubernetes:${", []string{"…" + noName}},
		{"kubernetes:${}", []string{"…" + noName}},
		{"kubernetes?auth=a$$HOST", []string{"…" + noName}},

		// Addresses.
		{"kubernetes:10.0.0.1:8080", []string{`…: the address "10.0.0.1:8080"` + noScheme}},
		{"kubernetes:master:8080", []string{`…: the address "master:8080"` + noScheme}},
		{"kubernetes:ftp://h", []string{`…: the address "ftp://h" has another scheme than https and http: write one of these`}},
		{"kubernetes:https://", []string{`…: the address "https://"` + noHost}},
		{"kubernetes:https://:6443", []string{`…: the address "https://:6443"` + noHost}},
		{"kubernetes:https:/h://", []string{`…: the address "https:/h://"` + noHost}},
		{"kubernetes:https://h:", []string{`…: the address "https://h:"` + badPort}},
		{"kubernetes:https://h:0", []string{`…: the address "https://h:0"` + badPort}},
		{"kubernetes:https://h:65536", []string{`…: the address "https://h:65536"` + badPort}},
		{"kubernetes:https://h:x", []string{`…: the address "https://h:x"` + noURL}},
		{"kubernetes:https://[::1", []string{`…: the address "https://[::1"` + noURL}},
		{"kubernetes:https://h/%zz", []string{`…: the address "https://h/%zz"` + noURL}},
		{"kubernetes:https://h#x", []string{`… has a fragment, which has no meaning for a server: leave out the # and what follows it, or write %23 for the sign itself`}},

		// Quotes that are not one pair around a part.
		{"'", []string{`…: the prefix "'"` + noQuote}},
		{"'kubernetes", []string{`…: the prefix "'kubernetes"` + noQuote}},
		{`kubernetes"`, []string{`…: the prefix "kubernetes\""` + noQuote}},
		{`'kubernetes"`, []string{`…: the prefix "'kubernetes\""` + noQuote}},
		{"''", []string{`… has no prefix: ` + twoPrefixes}},
		{"kubernetes:'", []string{`…: the address "'"` + noQuote}},
		{"kubernetes:'https://h", []string{`…: the address "'https://h"` + noQuote}},
		{"kubernetes:https://h'", []string{`…: the address "https://h'"` + noQuote}},
		{`kubernetes:'https://h"`, []string{`…: the address "'https://h\""` + noQuote}},
		{"kubernetes:''https://h''", []string{`…: the address "''https://h''"` + noQuote}},
		{"kubernetes:'''", []string{`…: the address "'''"` + noQuote}},
		{"kubernetes?auth='", []string{`…: auth="'"` + noQuote}},
		{"kubernetes?auth=/a'b", []string{`…: auth="/a'b"` + noQuote}},
		{`kubernetes?auth="''"`, []string{`…: auth="\"''\""` + noQuote}},
		{`kubernetes?kubeletPort='1"`, []string{`…: kubeletPort="'1\""` + noQuote}},
		{"kubernetes?host_id_annotation=a'", []string{`…: host_id_annotation="a'"` + noQuote}},
		{"kubernetes?'auth=x'", []string{`…: the value of "'auth"` + noQuote}},
		{"kubernetes?token='sesame", []string{`source "kubernetes?token=REDACTED": "token=REDACTED"` + noQuote}},
		{"kubernetes?auth='a&b'", []string{`…: auth="'a"` + noQuote, `… has the unknown option "b'": allowed are ` + allowed}},
		{`kubernetes:'https://h?auth="x&kubeletPort=0&insecure=''&resolution='1s'`, []string{
			`…: the address "'https://h"` + noQuote, `…: auth="\"x"` + noQuote, `…: kubeletPort="0"` + noPort,
			`…: insecure=""` + noBool, `…: resolution="1s"` + noTime,
		}},

		// Options as text.
		{"kubernetes?foo=1", []string{`… has the unknown option "foo": allowed are ` + allowed}},
		{"kubernetes?=1", []string{`… has the unknown option "": allowed are ` + allowed}},
		{"kubernetes?kubeletTimeout=1s", []string{`… has the unknown option "kubeletTimeout": allowed are ` + allowed}},
		{"kubernetes?kubeletHTTPS=true", []string{`… has the unknown option "kubeletHTTPS": did you mean kubeletHttps? Allowed are ` + allowed}},
		{"kubernetes?kubletPort=1", []string{`… has the unknown option "kubletPort": did you mean kubeletPort? Allowed are ` + allowed}},
		{"kubernetes?usenodstusport=1", []string{`… has the unknown option "usenodstusport": did you mean useNodeStatusPort? Allowed are ` + allowed}},
		{"kubernetes?aut=f", []string{`… has the unknown option "aut": did you mean auth? Allowed are ` + allowed}},
		{"kubernetes?authx=f", []string{`… has the unknown option "authx": did you mean auth? Allowed are ` + allowed}},
		{"kubernetes?aufh=f", []string{`… has the unknown option "aufh": did you mean auth? Allowed are ` + allowed}},
		{"kubernetes:http://h?inClusterConfg=false", []string{`… has the unknown option "inClusterConfg": did you mean inClusterConfig? Allowed are ` + allowed}},
		{"kubernetes?insecure=true&insecure=1", []string{`… gives insecure twice, as "true" and as "1": leave out one`}},
		{"kubernetes?x=1&x=2", []string{`… has the unknown option "x": allowed are ` + allowed, `… gives x twice, as "1" and as "2": leave out one`}},
		{"kubernetes?insecure=true;auth=x", []string{`…: "insecure=true;auth=x" has a semicolon: separate options with &, and write %3B for the sign itself`}},
		{"kubernetes?auth=%zz", []string{`…: "auth=%zz"` + noEscape}},
		{"kubernetes?%=1", []string{`…: "%=1"` + noEscape}},

		// Options one by one.
		{"kubernetes?inClusterConfig=yes", []string{`…: inClusterConfig="yes"` + noBool}},
		{"kubernetes?insecure", []string{`…: insecure=""` + noBool}},
		{"kubernetes?useServiceAccount=", []string{`…: useServiceAccount=""` + noBool}},
		{"kubernetes?kubeletHttps=on", []string{`…: kubeletHttps="on"` + noBool}},
		{"kubernetes?useNodeStatusPort=tRue", []string{`…: useNodeStatusPort="tRue"` + noBool}},
		{"kubernetes?kubeletInsecureTLS=2", []string{`…: kubeletInsecureTLS="2"` + noBool}},
		{"kubernetes?kubeletVerify=name", []string{`…: kubeletVerify="name" must be address or node-name`}},
		{"kubernetes?kubeletVerify=", []string{`…: kubeletVerify="" must be address or node-name`}},
		{"kubernetes?kubeletPort=0", []string{`…: kubeletPort="0"` + noPort}},
		{"kubernetes?kubeletPort=65536", []string{`…: kubeletPort="65536"` + noPort}},
		{"kubernetes?kubeletPort=-1", []string{`…: kubeletPort="-1"` + noPort}},
		{"kubernetes?kubeletPort=", []string{`…: kubeletPort=""` + noPort}},
		{"kubernetes:https://h?cluster=A", []string{`…: cluster="A"` + noLabel}},
		{"kubernetes:https://h?cluster=", []string{`…: cluster=""` + noLabel}},
		{"kubernetes:https://h?cluster=a.b", []string{`…: cluster="a.b"` + noLabel}},
		{"kubernetes?auth=https://h", []string{`…: auth="https://h" must name a file, not a URL`}},
		{"kubernetes?kubeletCertificateAuthority=", []string{`…: kubeletCertificateAuthority=""` + noFile}},
		{"kubernetes?kubeletClientCertificate=", []string{`…: kubeletClientCertificate=""` + noFile}},
		{"kubernetes?kubeletClientKey", []string{`…: kubeletClientKey=""` + noFile}},
		{"kubernetes?addressTypes=", []string{`…: addressTypes=""` + noTypes + `"" is none of these`}},
		{"kubernetes?addressTypes=InternalIP,+Hostname", []string{`…: addressTypes="InternalIP, Hostname"` + noTypes + `" Hostname" is none of these`}},
		{"kubernetes?addressTypes=internalip", []string{`…: addressTypes="internalip"` + noTypes + `"internalip" is none of these`}},
		{"kubernetes?nodeSelector=a==,,", []string{`…: nodeSelector="a==,," must be a label selector, such as pool=apps,tier!=edge: found ',', expected: identifier after ','`}},
		{"kubernetes?requestTimeout=10", []string{`…: requestTimeout="10"` + noTimeout}},
		{"kubernetes?requestTimeout=0s", []string{`…: requestTimeout="0s"` + noTimeout}},
		{"kubernetes?resolution=4999ms", []string{`…: resolution="4999ms"` + noTime}},
		{"kubernetes?resolution=", []string{`…: resolution=""` + noTime}},

		// Options that contradict each other.
		{"kubernetes?inClusterConfig=true&auth=f", []string{`…: inClusterConfig=true and auth="f" contradict each other: leave out one`}},
		{"kubernetes:http://h", []string{`…: a token of the in-cluster configuration would go unencrypted to http://h: ` + toEncrypt}},
		{"kubernetes:http://h?inClusterConfig=false&useServiceAccount=true", []string{`…: a token of useServiceAccount=true would go unencrypted to http://h: ` + toEncrypt}},
		{"kubernetes:http://h:1/?useServiceAccount=true", []string{
			`…: a token of the in-cluster configuration or useServiceAccount=true would go unencrypted to http://h:1: ` + toEncrypt,
		}},
		{"kubernetes:http://h?auth=f", []string{`…: a token of the kubeconfig "f" would go unencrypted to http://h: ` + toEncrypt}},
		{"kubernetes?inClusterConfig=false", []string{`…: inClusterConfig=false leaves no way to the API server: give its address after the colon, auth=FILE or --kubeconfig`}},
		{"kubernetes?inClusterConfig=false&useServiceAccount=true", []string{`…: inClusterConfig=false leaves no way to the API server: give its address after the colon, auth=FILE or --kubeconfig`}},
		{"kubernetes:https://h&insecure=true", []string{`…: the address "https://h&insecure=true" has an invalid host: options begin with a question mark, and are joined by &`}},
		{"kubernetes:https://h?cluster=a", []string{`…: cluster="a" would be sent the credentials of this pod: give auth=FILE, or inClusterConfig=false for none, or inClusterConfig=true if they are meant for it`}},
		{"kubernetes?cluster=a", []string{`…: cluster="a" needs the address of its API server or auth=FILE: without them it would be the home cluster under another name`}},
		{"kubernetes?cluster=a&inClusterConfig=false", []string{`…: cluster="a" needs the address of its API server or auth=FILE: without them it would be the home cluster under another name`}},
		{"kubernetes?useNodeStatusPort=true&kubeletPort=10250", []string{`…: useNodeStatusPort=true takes the https port of each Node's status, which contradicts kubeletPort=10250: leave out one`}},
		{"kubernetes?useNodeStatusPort=true&kubeletHttps=false", []string{`…: useNodeStatusPort=true takes the https port of each Node's status, which contradicts kubeletHttps=false: leave out one`}},
		{"kubernetes?kubeletInsecureTLS=true&kubeletCertificateAuthority=ca", []string{
			`…: kubeletInsecureTLS=true accepts any certificate, so kubeletCertificateAuthority="ca" cannot take effect: leave out one`,
		}},
		{"kubernetes?kubeletInsecureTLS=true&kubeletVerify=address", []string{
			`…: kubeletInsecureTLS=true accepts any certificate, so kubeletVerify="address" cannot take effect: leave out one`,
		}},
		{"kubernetes?kubeletHttps=false&kubeletVerify=node-name", []string{
			`…: kubelets are scraped over http because of kubeletHttps=false, so kubeletVerify cannot take effect: leave that out, or give kubeletHttps=true`,
		}},
		{"kubernetes?kubeletClientCertificate=c", []string{`…: kubeletClientCertificate needs kubeletClientKey too: give both, or neither for the defaults`}},
		{"kubernetes?kubeletClientKey=k", []string{`…: kubeletClientKey needs kubeletClientCertificate too: give both, or neither for the defaults`}},
		{"kubernetes?kubeletHttps=false&kubeletCertificateAuthority=ca", []string{
			`…: kubelets are scraped over http because of kubeletHttps=false, so kubeletCertificateAuthority cannot take effect: leave that out, or give kubeletHttps=true`,
		}},
		{"kubernetes?kubeletPort=10255&kubeletClientCertificate=c&kubeletClientKey=k", []string{
			`…: kubelets are scraped over http because of kubeletPort=10255, so kubeletClientCertificate, kubeletClientKey cannot take effect: leave that out, or give kubeletHttps=true`,
		}},
		{"kubernetes:http://h?inClusterConfig=false&kubeletInsecureTLS=true", []string{
			`…: kubelets are scraped over http because of the http:// address of the API server, so kubeletInsecureTLS=true cannot take effect: leave that out, or give kubeletHttps=true`,
		}},
		{"kubernetes?requestTimeout=60s", []string{`…: requestTimeout=1m0s must be shorter than the resolution, 1m0s: shorten the one or lengthen the other`}},
		{"kubernetes?requestTimeout=6s&resolution=5s", []string{`…: requestTimeout=6s must be shorter than the resolution, 5s: shorten the one or lengthen the other`}},

		// All at once; none about what could not be read.
		{"kubernetes:x?insecure=a&kubeletPort=b&resolution=c&foo&nodeSelector=,", []string{
			`…: the address "x"` + noScheme, `…: insecure="a"` + noBool, `…: kubeletPort="b"` + noPort, `…: resolution="c"` + noTime,
			`… has the unknown option "foo": allowed are ` + allowed,
			`…: nodeSelector="," must be a label selector, such as pool=apps,tier!=edge: found ',', expected: !, identifier, or 'end of string'`,
		}},
		{"kubernetes:http://h?inClusterConfig=no", []string{`…: inClusterConfig="no"` + noBool}},
		{"kubernetes?kubeletPort=x&kubeletClientKey=k", []string{`…: kubeletPort="x"` + noPort}},
		{"kubernetes?resolution=x&requestTimeout=1h", []string{`…: resolution="x"` + noTime}},
		{"kubernetes:http://h?insecure=x&kubeletClientKey=k&requestTimeout=1h", []string{
			`…: insecure="x"` + noBool, `…: kubeletClientKey needs kubeletClientCertificate too: give both, or neither for the defaults`,
			`…: requestTimeout=1h0m0s must be shorter than the resolution, 1m0s: shorten the one or lengthen the other`,
		}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := source.ParseAll([]string{tc.in}, flags(), environment)
			want := make([]string, 0, len(tc.want))
			for _, message := range tc.want {
				want = append(want, strings.Replace(message, "…", "source "+strconv.Quote(tc.in), 1))
			}
			checkMessages(t, err, want)
			if got != nil {
				t.Errorf("sources in addition to an error: %v", got)
			}
		})
	}
}

// TestParseKeepsPasswords tries passwords with signs that a URL would have to escape, too.
func TestParseKeepsPasswords(t *testing.T) {
	for _, tc := range []struct{ in, redacted string }{
		{"kubernetes:https://u:hunter2@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes:https://hunter2@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes:https://u:@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes:u:hunter2@h:1", "kubernetes:REDACTED@h:1"},
		{"kubernetes:https:u:hunter2@h", "kubernetes:REDACTED@h"},
		{"kubernetes:https://u:hunter2/x@h?auth=x", "kubernetes:https://REDACTED@h?auth=x"},
		{"kubernetes:https://u:hunter2@x@h?auth=me@corp&insecure=x", "kubernetes:https://REDACTED@h?auth=me@corp&insecure=x"},
		{"kubernetes:https://u:x?hunter2@h?kubeletPort=0", "kubernetes:https://REDACTED@h?kubeletPort=0"},
		{"kubernetes:https://u:x#hunter2@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes:https://u:x&hunter2=y@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes?auth=https://u:x&hunter2@h&foo=1", "kubernetes?auth=https://REDACTED@h&foo=1"},
		{"kubernetes:https://u:hunter2$OPTIONS@h", "kubernetes:https://REDACTED@h"},
		{"kubernetes:$SECRET_URL?insecure=x", "kubernetes:$SECRET_URL?insecure=x"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := source.Parse(tc.in, flags(), environment)
			checkMessages(t, err, []string{`source "` + tc.redacted + `"` + noUser})
		})
	}
	t.Run("in an unknown source", func(t *testing.T) {
		_, err := source.Parse("influxdb:http://u:hunter2@h", flags(), environment)
		checkMessages(t, err, []string{`source "influxdb:http://REDACTED@h" has the unknown prefix "influxdb": ` + twoPrefixes})
	})
}
