// Command otelcol is an OpenTelemetry Collector with a receiver of OTLP, and an exporter that writes what it receives as text. The collector's project
// has no module with a command: distributions are generated.
package main

import (
	"fmt"
	"os"

	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

func main() {
	settings := otelcol.CollectorSettings{Factories: factories}
	settings.BuildInfo.Command, settings.BuildInfo.Description = "otelcol", "OpenTelemetry Collector with OTLP alone"
	resolver := &settings.ConfigProviderSettings.ResolverSettings
	resolver.DefaultScheme = "file"
	resolver.ProviderFactories = append(resolver.ProviderFactories, fileprovider.NewFactory())
	if err := otelcol.NewCommand(settings).Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// factories are the components that a configuration may name.
func factories() (all otelcol.Factories, err error) {
	if all.Receivers, err = otelcol.MakeFactoryMap(otlpreceiver.NewFactory()); err != nil {
		return all, fmt.Errorf("list the receivers: %w", err)
	}
	if all.Exporters, err = otelcol.MakeFactoryMap(debugexporter.NewFactory()); err != nil {
		return all, fmt.Errorf("list the exporters: %w", err)
	}
	all.Telemetry = otelconftelemetry.NewFactory()
	return all, nil
}
