//go:build !race

package options_test

// scenario is a set of flags that can be given together.
type scenario struct {
	name string
	// given are flags without which the tested ones have no effect.
	given []string
	flags map[string]effect
}

// scenarios cover every flag of the command that is not in notVisible. Values are chosen to be found nowhere else.
func scenarios(f *files) []scenario {
	return []scenario{
		{name: "plimsoll", flags: map[string]effect{
			"kubeconfig":                      {value: f.kubeconfig("token-of-mine"), probe: func(o *outcome) any { return o.REST.BearerToken }},
			"metric-resolution":               {value: "1h0m7s"},
			"max-age":                         {value: "2h0m7s"},
			"extra-resources":                 {value: "swap", probe: func(o *outcome) any { return o.Config.ExtraResources }},
			"compatibility-metrics":           {value: "true", probe: func(o *outcome) any { return o.Config.CompatibilityMetrics }},
			"node-selector":                   {value: "telltale-pool"},
			"source":                          {value: "kubernetes.summary_api"},
			"sink":                            {value: "log:"},
			"kubelet-port":                    {value: "7010", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.Port }},
			"kubelet-use-node-status-port":    {value: "true", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.UseNodeStatusPort }},
			"kubelet-node-status-port-range":  {value: "7012-7013", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.StatusPorts }},
			"kubelet-allow-local-addresses":   {value: "true", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.AllowLocalAddresses }},
			"kubelet-preferred-address-types": {value: "ExternalDNS", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.AddressTypes }},
			"kubelet-request-timeout":         {value: "7.011s"},
			"kubelet-certificate-authority":   {value: f.copy("kubelet-ca", "cert.pem")},
			"kubelet-client-certificate":      {value: f.copy("kubelet-cert", "cert.pem")},
			"kubelet-client-key":              {value: f.copy("kubelet-key", "key.pem")},
			"kubelet-verify":                  {value: "node-name", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.VerifyNodeName }},
		}},
		{name: "kubelets without verification", flags: map[string]effect{
			"kubelet-insecure-tls": {value: "true", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.InsecureTLS }},
		}},
		{name: "kubelets without TLS", flags: map[string]effect{
			"deprecated-kubelet-completely-insecure": {value: "true", probe: func(o *outcome) any { return o.Config.Sources[0].Kubelet.HTTPS }},
		}},
		generic(),
		{name: "versions", flags: map[string]effect{
			"emulated-version": {value: "1.36", probe: func(o *outcome) any { return o.Generic.EffectiveVersion.EmulationVersion().String() }},
			"min-compatibility-version": {value: "1.34", probe: func(o *outcome) any {
				return o.Generic.EffectiveVersion.MinCompatibilityVersion().String()
			}},
			// Nothing in a server with one API group reads these two: metrics-server has them, so they are accepted.
			"emulation-forward-compatible": {value: "true", probe: func(o *outcome) any { return o.Generic.EmulationForwardCompatible }},
			"runtime-config-emulation-forward-compatible": {value: "true", probe: func(o *outcome) any {
				return o.Generic.RuntimeConfigEmulationForwardCompatible
			}},
		}},
		serving(f),
		{name: "certificate directory", flags: map[string]effect{
			"cert-dir": {value: f.path("another"), probe: func(o *outcome) any { return o.Generic.SecureServing.Cert.Name() }},
		}},
		{name: "certificate for a Service", flags: map[string]effect{
			"serving-certificate-service": {value: "telltale/service", probe: func(o *outcome) any { return o.Config.ServingCertificate }},
		}},
		auth(f),
		{name: "no look-up", given: []string{"--requestheader-client-ca-file="}, flags: map[string]effect{
			"authentication-skip-lookup": {value: "true", probe: func(o *outcome) any { return o.Generic.Authentication.RequestHeaderConfig == nil }},
		}},
		auditLog(f), auditWebhook(f),
		{name: "audit webhook without limit", given: append(auditGiven(f), "--audit-webhook-batch-throttle-qps=7033.5"), flags: map[string]effect{
			"audit-webhook-batch-throttle-enable": {value: "false", probe: func(o *outcome) any { return leavesOf(o.Generic.AuditBackend)["7033.5"] }},
			"audit-webhook-batch-initial-backoff": {value: "7.034s"},
		}},
		features(f),
		{name: "json logs", given: []string{"--feature-gates=LoggingAlphaOptions=true"}, flags: map[string]effect{
			"logging-format":            {value: "json", probe: func(o *outcome) any { return o.Logs.Format }},
			"log-flush-frequency":       {value: "7.035s"},
			"log-json-info-buffer-size": {value: "7036", probe: func(o *outcome) any { return o.Logs.Options.JSON.InfoBufferSize.Value() }},
			"log-json-split-stream":     {value: "true", probe: func(o *outcome) any { return o.Logs.Options.JSON.SplitStream }},
		}},
		{name: "text logs", given: []string{"--feature-gates=LoggingAlphaOptions=true"}, flags: map[string]effect{
			"v":                         {value: "1", probe: func(o *outcome) any { return o.Logs.Verbosity }},
			"vmodule":                   {value: "telltale-module=7", probe: func(o *outcome) any { return len(o.Logs.VModule) }},
			"log-text-info-buffer-size": {value: "7038", probe: func(o *outcome) any { return o.Logs.Options.Text.InfoBufferSize.Value() }},
			"log-text-split-stream":     {value: "true", probe: func(o *outcome) any { return o.Logs.Options.Text.SplitStream }},
		}},
	}
}

func generic() scenario {
	return scenario{name: "generic", flags: map[string]effect{
		"advertise-address":                       {value: "127.7.0.1", probe: func(o *outcome) any { return o.Generic.PublicAddress.String() }},
		"cors-allowed-origins":                    {value: "//telltale-origin$"},
		"external-hostname":                       {value: "telltale-host"},
		"feature-gates":                           {value: gate + "=false", probe: func(o *outcome) any { return o.Gate }},
		"goaway-chance":                           {value: "0.0123"},
		"livez-grace-period":                      {value: "7.001s"},
		"max-mutating-requests-inflight":          {value: "1007002"},
		"max-requests-inflight":                   {value: "1007003"},
		"min-request-timeout":                     {value: "1007004"},
		"request-timeout":                         {value: "7.005s"},
		"shutdown-delay-duration":                 {value: "7.006s"},
		"shutdown-send-retry-after":               {value: "true", probe: func(o *outcome) any { return o.Generic.ShutdownSendRetryAfter }},
		"shutdown-watch-termination-grace-period": {value: "7.007s"},
		// Without storage there is nothing to wait for: metrics-server has it, so it is accepted.
		"storage-initialization-timeout":       {value: "7.008s"},
		"strict-transport-security-directives": {value: "max-age=7009"},
	}}
}

func serving(f *files) scenario {
	return scenario{name: "serving", flags: map[string]effect{
		"bind-address":                     {value: "127.0.0.2", probe: listenAddress},
		"secure-port":                      {value: freePort(f.t), probe: listenAddress},
		"disable-http2-serving":            {value: "true", probe: func(o *outcome) any { return o.Generic.SecureServing.DisableHTTP2 }},
		"http2-max-streams-per-connection": {value: "1007012"},
		"tls-cert-file":                    {value: f.copy("serving-cert", "cert.pem")},
		"tls-private-key-file":             {value: f.copy("serving-key", "key.pem")},
		"tls-sni-cert-key":                 {value: f.path("cert.pem") + "," + f.path("key.pem") + ":telltale-name", probe: func(o *outcome) any { return len(o.Generic.SecureServing.SNICerts) }},
		"tls-cipher-suites":                {value: "TLS_AES_128_GCM_SHA256", probe: func(o *outcome) any { return o.Generic.SecureServing.CipherSuites }},
		"tls-curve-preferences":            {value: "29", probe: func(o *outcome) any { return o.Generic.SecureServing.CurvePreferences }},
		"watch":                            {value: "false", probe: func(o *outcome) any { return o.Config.Watch }},
		"compress-answers":                 {value: "true", probe: func(o *outcome) any { return o.Config.CompressAnswers }},
		"tls-min-version":                  {value: "VersionTLS13", probe: func(o *outcome) any { return o.Generic.SecureServing.MinTLSVersion }},
	}}
}

func listenAddress(o *outcome) any { return o.Generic.SecureServing.Listener.Addr().String() }

func auth(f *files) scenario {
	return scenario{name: "auth", flags: map[string]effect{
		"authentication-kubeconfig":                    {value: f.kubeconfig("token-for-authentication"), probe: hasLeaf("token-for-authentication")},
		"authentication-token-webhook-cache-ttl":       {value: "7.013s"},
		"client-ca-file":                               {value: f.copy("client-ca", "cert.pem")},
		"requestheader-client-ca-file":                 {value: f.copy("front-proxy-ca", "cert.pem")},
		"requestheader-allowed-names":                  {value: "telltale-client"},
		"requestheader-extra-headers-prefix":           {value: "x-telltale-extra-"},
		"requestheader-group-headers":                  {value: "x-telltale-group"},
		"requestheader-uid-headers":                    {value: "x-remote-uid"},
		"requestheader-username-headers":               {value: "x-telltale-user"},
		"authorization-kubeconfig":                     {value: f.kubeconfig("token-for-authorization"), probe: hasLeaf("token-for-authorization")},
		"authorization-always-allow-paths":             {value: "/telltale", probe: allowed},
		"authorization-webhook-cache-authorized-ttl":   {value: "7.014s"},
		"authorization-webhook-cache-unauthorized-ttl": {value: "7.015s"},
	}}
}

func hasLeaf(value string) func(*outcome) any {
	return func(o *outcome) any { return leavesOf(o)[value] }
}

func auditGiven(f *files) []string {
	return []string{"--audit-policy-file=" + f.path("policy.yaml"), "--audit-webhook-config-file=" + f.kubeconfig("token-for-audit")}
}

func auditLog(f *files) scenario {
	return scenario{name: "audit log", flags: map[string]effect{
		"audit-policy-file":                 {value: f.path("policy.yaml"), probe: func(o *outcome) any { return o.Generic.AuditPolicyRuleEvaluator == nil }},
		"audit-log-path":                    {value: f.path("audit.log")},
		"audit-log-compress":                {value: "true", probe: auditBackend},
		"audit-log-format":                  {value: "legacy"},
		"audit-log-maxage":                  {value: "1007016"},
		"audit-log-maxbackup":               {value: "1007017"},
		"audit-log-maxsize":                 {value: "1007018"},
		"audit-log-mode":                    {value: "batch", probe: auditBackend},
		"audit-log-batch-buffer-size":       {value: "1007019"},
		"audit-log-batch-max-size":          {value: "1007020"},
		"audit-log-batch-max-wait":          {value: "7.021s"},
		"audit-log-batch-throttle-burst":    {value: "1007022"},
		"audit-log-batch-throttle-enable":   {value: "true", probe: hasLeaf("7023.5")},
		"audit-log-batch-throttle-qps":      {value: "7023.5"},
		"audit-log-truncate-enabled":        {value: "true", probe: hasLeaf("1007025")},
		"audit-log-truncate-max-batch-size": {value: "1007025"},
		"audit-log-truncate-max-event-size": {value: "1007024"},
	}}
}

func auditBackend(o *outcome) any {
	if o.Generic.AuditBackend == nil {
		return nil
	}
	return o.Generic.AuditBackend.String()
}

func auditWebhook(f *files) scenario {
	return scenario{name: "audit webhook", given: []string{"--audit-policy-file=" + f.path("policy.yaml")}, flags: map[string]effect{
		"audit-webhook-config-file":             {value: f.kubeconfig("token-for-audit"), probe: hasLeaf("token-for-audit")},
		"audit-webhook-initial-backoff":         {value: "7.026s"},
		"audit-webhook-mode":                    {value: "batch", probe: auditBackend},
		"audit-webhook-batch-buffer-size":       {value: "1007027"},
		"audit-webhook-batch-max-size":          {value: "1007028"},
		"audit-webhook-batch-max-wait":          {value: "7.029s"},
		"audit-webhook-batch-throttle-burst":    {value: "1007030"},
		"audit-webhook-batch-throttle-qps":      {value: "7031.5"},
		"audit-webhook-truncate-enabled":        {value: "true", probe: auditBackend},
		"audit-webhook-truncate-max-batch-size": {value: "1007036"},
		"audit-webhook-truncate-max-event-size": {value: "1007032"},
	}}
}

func features(f *files) scenario {
	return scenario{name: "features", flags: map[string]effect{
		"profiling":                    {value: "false", probe: func(o *outcome) any { return o.Generic.EnableProfiling }},
		"contention-profiling":         {value: "true", probe: func(o *outcome) any { return o.Generic.EnableContentionProfiling }},
		"debug-socket-path":            {value: f.path("debug.sock")},
		"enable-priority-and-fairness": {value: "true", probe: func(o *outcome) any { return o.Generic.FlowControl != nil && o.Generic.SharedInformerFactory != nil }},
	}}
}
