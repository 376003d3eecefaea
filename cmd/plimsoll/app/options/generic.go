package options

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// GenericConfig applies every group of the library's options to a new server configuration: it makes a certificate where none was given, listens on
// the port, and gets the CAs of client certificates from the API server; where that fails, the running server retries. The options must be valid. ctx
// limits the request to the API server. The caller owns the result and its listener, and adds what the API needs.
func (o *Options) GenericConfig(ctx context.Context, codecs serializer.CodecFactory) (*genericapiserver.RecommendedConfig, error) {
	config := genericapiserver.NewRecommendedConfig(codecs)
	if err := o.ServerRun.ApplyTo(&config.Config); err != nil {
		return nil, fmt.Errorf("apply the generic flags: %w", err)
	}
	if err := o.selfSign(); err != nil {
		return nil, err
	}
	// The library's WithLoopback variant would have the server trust a client of its own with every right. Plimsoll has no such client, and its two RSA
	// keys would take 0.2 s of CPU at every start.
	if err := o.SecureServing.ApplyTo(&config.SecureServing); err != nil {
		return nil, fmt.Errorf("apply the secure serving flags: %w", err)
	}
	config.LoopbackClientConfig = &rest.Config{}
	if err := o.applyRest(ctx, config); err != nil {
		return nil, errors.Join(err, config.SecureServing.Listener.Close())
	}
	return config, nil
}

// applyRest applies the options that follow once the server listens.
func (o *Options) applyRest(ctx context.Context, config *genericapiserver.RecommendedConfig) error {
	if err := o.applyAuthentication(ctx, config); err != nil {
		return fmt.Errorf("apply the authentication flags: %w", err)
	}
	if err := o.Authorization.ApplyTo(&config.Authorization); err != nil {
		return fmt.Errorf("apply the authorization flags: %w", err)
	}
	if err := o.Audit.ApplyTo(&config.Config); err != nil {
		return fmt.Errorf("apply the audit flags: %w", err)
	}
	if err := o.applyFeatures(config); err != nil {
		return fmt.Errorf("apply the feature flags: %w", err)
	}
	return nil
}

// applyAuthentication applies the library's options now, or, where the API server does not answer, as soon as it does: a process that ended because of
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
	if err := applyWithoutLookup(*o.Authentication); err != nil {
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

// applyWithoutLookup applies all options that need no API server and discards the result: an error of that no lookup would cure.
func applyWithoutLookup(o genericoptions.DelegatingAuthenticationOptions) error {
	o.SkipInClusterLookup = true
	return o.ApplyTo(&genericapiserver.AuthenticationInfo{}, &genericapiserver.SecureServingInfo{}, nil)
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
