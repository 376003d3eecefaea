package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/doctor"
)

// doctorTimeout bounds a run of the command doctor.
const doctorTimeout = time.Minute

// exitError is the exit code of a command that has written why. Its text is never printed.
type exitError int

// Error implements error.
func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// doctorOptions are the flags of the command doctor.
type doctorOptions struct {
	loading   *clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
	service   string
	address   string
	ignore    []string
	output    string
}

const doctorText = `Doctor finds out why usage does not reach kubectl top and autoscalers. It checks the way from end to end: APIServices, certificates, rights, the
Service, clocks, nodes and autoscalers. It changes nothing in the cluster. Run it where a kubeconfig is, or in a pod.

The exit code is 0 where all is well, 1 where there are findings, and 2 where it could not look, or only at a part.`

// newDoctorCommand returns the command doctor.
func newDoctorCommand() *cobra.Command {
	o := &doctorOptions{loading: clientcmd.NewDefaultClientConfigLoadingRules()}
	cmd := &cobra.Command{
		Use: "doctor", Short: "Find out why usage is missing", Long: doctorText,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, doctor.Target{}) },
	}
	// The parent's help lists the flags of the server.
	cmd.SetUsageFunc(cmd.UsageFunc())
	cmd.SetHelpFunc(cmd.HelpFunc())
	fs := cmd.PersistentFlags()
	fs.StringVar(&o.loading.ExplicitPath, "kubeconfig", "", "Kubeconfig file. The default is that of kubectl, or inside a cluster the pod's service account.")
	clientcmd.BindOverrideFlags(&o.overrides, fs, clientcmd.RecommendedConfigOverrideFlags(""))
	fs.StringVar(&o.service, "service", "", "The Service of Plimsoll, NAMESPACE/NAME, where it is neither plimsoll-system/plimsoll nor labelled app.kubernetes.io/name=plimsoll.")
	fs.StringVar(&o.address, "plimsoll-address", "", "Where Plimsoll itself is reached, HOST:PORT, such as the address of kubectl port-forward: then its /debug/nodes is read too.")
	fs.StringSliceVar(&o.ignore, "ignore", nil, "Codes that are no findings here, such as PLM-NODE-NOT-SELECTED where some nodes are excluded on purpose.")
	fs.StringVarP(&o.output, "output", "o", "table", "table or json.")
	cmd.AddCommand(&cobra.Command{
		Use: "node NAME", Short: "Explain one node", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, doctor.Target{Node: args[0]}) },
	}, &cobra.Command{
		Use: "pod NAMESPACE/NAME", Short: "Explain one pod", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pod, err := o.pod(args[0])
			if err != nil {
				return err
			}
			return o.run(cmd, doctor.Target{Pod: pod})
		},
	})
	return cmd
}

func (o *doctorOptions) config() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(o.loading, &o.overrides)
}

// pod is the pod that an argument names. Without a namespace it is in that of the kubeconfig.
func (o *doctorOptions) pod(arg string) (types.NamespacedName, error) {
	if namespace, name, ok := strings.Cut(arg, "/"); ok {
		return types.NamespacedName{Namespace: namespace, Name: name}, nil
	}
	namespace, _, err := o.config().Namespace()
	return types.NamespacedName{Namespace: namespace, Name: arg}, err
}

// run writes a report about a target. The error is an exitError where there is a report that is not all well.
func (o *doctorOptions) run(cmd *cobra.Command, target doctor.Target) error {
	options := doctor.Options{Target: target, Address: o.address}
	if o.service != "" {
		namespace, name, ok := strings.Cut(o.service, "/")
		if !ok || namespace == "" || name == "" {
			return fmt.Errorf("--service %q is not NAMESPACE/NAME", o.service)
		}
		options.Service = types.NamespacedName{Namespace: namespace, Name: name}
	}
	write, err := o.writer()
	if err != nil {
		return err
	}
	ignored, err := o.ignored()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), doctorTimeout)
	defer cancel()
	facts, err := o.gather(ctx, options)
	if err != nil {
		return err
	}
	report := doctor.Diagnose(facts, ignored...)
	if err := write(report, cmd.OutOrStdout()); err != nil {
		return err
	}
	if code := report.ExitCode(); code != doctor.ExitHealthy {
		return exitError(code)
	}
	return nil
}

func (o *doctorOptions) writer() (func(*doctor.Report, io.Writer) error, error) {
	switch o.output {
	case "table":
		return (*doctor.Report).WriteTable, nil
	case "json":
		return (*doctor.Report).WriteJSON, nil
	}
	return nil, fmt.Errorf("--output %q is neither table nor json", o.output)
}

func (o *doctorOptions) ignored() (causes []cause.Cause, err error) {
	for _, code := range o.ignore {
		c, ok := cause.ByCode(code)
		if !ok {
			return nil, fmt.Errorf("--ignore %q: there is no such code", code)
		}
		causes = append(causes, c)
	}
	return causes, nil
}

func (o *doctorOptions) gather(ctx context.Context, options doctor.Options) (*doctor.Facts, error) {
	config, err := o.config().ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	access, err := doctor.NewAccess(config)
	if err != nil {
		return nil, err
	}
	defer access.Close()
	return doctor.Gather(ctx, access, options)
}

// exit is the exit code of the process after an error of the command doctor. It writes one that has not been written.
func exit(err error, to io.Writer) int {
	var code exitError
	switch {
	case err == nil:
		return doctor.ExitHealthy
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(to, "Error:", doctor.Printable(err.Error()))
	return doctor.ExitNotLooked
}
