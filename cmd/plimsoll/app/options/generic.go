package options

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// GenericConfig applies every group of the library's options to a new server configuration: it makes a certificate where none was given, listens on
// the port, and gets the CAs of client certificates from the API server; where that fails, the running server retries. The options must be valid. ctx
// limits the request to the API server. The caller owns the result and its listener, and adds what the API needs.
func (o *Options) GenericConfig(ctx context.Context, codecs serializer.CodecFactory) (*genericapiserver.RecommendedConfig, error) {
	if err := o.selfSign(); err != nil {
		return nil, err
	}
	config := genericapiserver.NewRecommendedConfig(codecs)
	config.LoopbackClientConfig = &rest.Config{}
	config.Flagz = flagzReader{o}
	for _, group := range []struct {
		flags string
		apply func() error
	}{
		{"generic", func() error { return o.ServerRun.ApplyTo(&config.Config) }},
		// The library's WithLoopback variant would have the server trust a client of its own with every right. Plimsoll has no such client, and its two RSA
		// keys would take 0.2 s of CPU at every start.
		{"secure serving", func() error { return o.SecureServing.ApplyTo(&config.SecureServing) }},
		{"authentication", func() error { return o.applyAuthentication(ctx, config) }},
		{"authorization", func() error { return o.Authorization.ApplyTo(&config.Authorization) }},
		{"audit", func() error { return o.Audit.ApplyTo(&config.Config) }},
		{"feature", func() error { return o.applyFeatures(config) }},
	} {
		err := group.apply()
		if err != nil && config.SecureServing != nil {
			err = errors.Join(err, config.SecureServing.Listener.Close())
		}
		if err != nil {
			return nil, fmt.Errorf("apply the %s flags: %w", group.flags, err)
		}
	}
	return config, nil
}

// applyAuthentication applies the library's options now, or, where the API server does not respond, as soon as it does: a process that ended because of
// that would be restarted until the API server is there. Invalid files and flags are an error at once.
func (o *Options) applyAuthentication(ctx context.Context, config *genericapiserver.RecommendedConfig) error {
	find := func(ctx context.Context) (*corev1.ConfigMap, error) {
		return findAuthentication(ctx, o.Authentication.RemoteKubeConfigFile)
	}
	apply := func() error {
		return o.Authentication.ApplyTo(&config.Authentication, config.SecureServing, config.OpenAPIConfig)
	}
	if !needsLookup(o.Authentication) {
		return apply()
	}
	// An error of what needs no API server is one that no lookup would cure.
	offline := *o.Authentication
	offline.SkipInClusterLookup = true
	if err := offline.ApplyTo(&genericapiserver.AuthenticationInfo{}, &genericapiserver.SecureServingInfo{}, nil); err != nil {
		return err
	}
	_, cause := find(ctx)
	if cause == nil {
		cause = apply() // The library gets the ConfigMap a second time, which can fail.
	}
	if cause == nil {
		return nil
	}
	late := &lookup{find: find, cause: cause, apply: func(info *genericapiserver.AuthenticationInfo, serving *genericapiserver.SecureServingInfo) error {
		return o.Authentication.ApplyTo(info, serving, nil)
	}}
	config.SecureServing.ClientCA = late
	config.Authentication.Authenticator = late.authenticator(o.Authorization.AlwaysAllowPaths)
	config.Authentication.RequestHeaderConfig = late.headers()
	config.AddReadyzChecks(late.readyCheck())
	return nil
}

// applyFeatures gives the server a client and an informer factory, which only priority and fairness needs.
func (o *Options) applyFeatures(config *genericapiserver.RecommendedConfig) error {
	var client kubernetes.Interface
	if o.Features.EnablePriorityAndFairness {
		access, err := RESTConfig(o.home())
		if err != nil {
			return err
		}
		if client, err = kubernetes.NewForConfig(access); err != nil {
			return fmt.Errorf("make a client of the API server: %w", err)
		}
		config.ClientConfig = access
		config.SharedInformerFactory = informers.NewSharedInformerFactory(client, 0)
	}
	return o.Features.ApplyTo(&config.Config, client, config.SharedInformerFactory)
}
