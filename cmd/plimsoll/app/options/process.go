package options

import (
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/version"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
	logsapi "k8s.io/component-base/logs/api/v1"
	baseversion "k8s.io/component-base/version"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// component is the component of --feature-gates and --emulated-version where the user gives none.
const component = compatibility.DefaultKubeComponent

// oldestEmulated is the number of minor versions that --emulated-version may go back, as in Kubernetes itself.
const oldestEmulated = 3

// newVersionRegistry returns the registry into which the flags --feature-gates, --emulated-version and --min-compatibility-version write.
//
// The gates are the global ones of the process, because the libraries read those. The version is that of the Kubernetes libraries, to which the gates
// belong: by Plimsoll's own version all of them would be off.
func newVersionRegistry() (compatibility.ComponentGlobalsRegistry, featuregate.FeatureGate, error) {
	gate := utilfeature.DefaultMutableFeatureGate
	registry := compatibility.NewComponentGlobalsRegistry()
	binary := version.MustParse(baseversion.DefaultKubeBinaryVersion)
	oldest := binary.SubtractMinor(oldestEmulated)
	errs := []error{registry.Register(component, compatibility.NewEffectiveVersion(binary, false, oldest, oldest), gate)}
	// A gate accepts no additions, not even of known features, once flags were added for it.
	if _, known := gate.GetAll()[logsapi.LoggingAlphaOptions]; !known {
		errs = append(errs, logsapi.AddFeatureGates(gate))
	}
	if err := errors.Join(errs...); err != nil {
		return registry, gate, fmt.Errorf("set up the feature gates: %w", err)
	}
	return registry, gate, nil
}

// ApplyToProcess sets what is global to the process: the feature gates, then the logging, which depends on them. The caller calls it before Validate, so
// that messages of the libraries have the chosen format; logging flags that Validate will refuse are not applied.
func (o *Options) ApplyToProcess() error {
	if err := o.ServerRun.ComponentGlobalsRegistry.Set(); err != nil {
		return fmt.Errorf("--feature-gates, --emulated-version or --min-compatibility-version: %w", err)
	}
	if len(logsapi.Validate(o.Logs, o.gate, nil)) > 0 {
		return nil
	}
	streams := &logsapi.LoggingOptions{ErrorStream: limitLibrary(os.Stderr), InfoStream: limitLibrary(os.Stdout)}
	if err := logsapi.ValidateAndApplyWithOptions(o.Logs, streams, o.gate); err != nil {
		return fmt.Errorf("apply the logging flags: %w", err)
	}
	return nil
}

// limitLibrary is a stream of the log that limits the lines of the API library, which logs errors that clients cause: requests that they reset, tokens and
// parameters that are invalid. Its line for each request, from -v=3 on, is not limited.
func limitLibrary(next io.Writer) io.Writer {
	return &loglimit.Writer{Next: next, Limited: []string{"k8s.io/apiserver", "k8s.io/kube-openapi"}, Exempt: []string{"/server/httplog"}}
}
