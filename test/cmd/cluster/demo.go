package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// workload has the objects of the demo.
//
//go:embed demo.yaml
var workload string

const (
	demoNodes = 3
	demoPods  = 12
	// The autoscaler keeps the pods of checkout at half of 200m, so that 0.6 cores want six of them.
	quiet, busy  = 0.05, 0.6
	wantReplicas = 6
)

func demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "See kubectl top and an autoscaler work with Plimsoll's usage", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withDir(func(dir string) error { return runDemo(cmd.Context(), cmd.OutOrStdout(), dir) })
		},
	}
}

func runDemo(ctx context.Context, out io.Writer, dir string) (err error) {
	b, err := cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: demoNodes, Log: out})
	if err != nil {
		return err
	}
	defer func() {
		fmt.Fprintln(out, "\ntaking everything down")
		err = errors.Join(err, b.Stop())
	}()
	d := &demo{Cluster: b, out: out}
	for _, step := range []func(context.Context) error{d.deploy, d.top, d.scale} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\nall of it was seen to work")
	return nil
}

// demo is a cluster and where its story is printed.
type demo struct {
	*cluster.Cluster
	out io.Writer
}

func (d *demo) deploy(ctx context.Context) error {
	if err := d.Fleet.SetLoad("shop/checkout", quiet); err != nil {
		return err
	}
	if _, err := d.Run(ctx, workload, "apply", "-f", "-"); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "waiting for %d pods to run and to have usage\n", demoPods)
	if err := d.WaitRunning(ctx, demoPods); err != nil {
		return err
	}
	return d.WaitServed(ctx, demoPods)
}

// top prints the output of kubectl top, and wants a number other than zero in every row.
func (d *demo) top(ctx context.Context) error {
	for _, t := range []struct {
		args []string
		rows int
	}{
		{[]string{"top", "nodes"}, demoNodes},
		{[]string{"top", "pods", "-A"}, demoPods},
		{[]string{"top", "pods", "-A", "--containers"}, demoPods + 4},
	} {
		text, err := d.show(ctx, t.args...)
		if err != nil {
			return err
		}
		if err := checkRows(text, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// show runs kubectl as a user would and prints the command and its response.
func (d *demo) show(ctx context.Context, args ...string) (string, error) {
	text, err := d.Run(ctx, "", args...)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(d.out, "\n$ kubectl")
	for _, a := range args {
		fmt.Fprintf(d.out, " %s", a)
	}
	fmt.Fprintf(d.out, "\n%s", text)
	return text, nil
}

// scale raises the load of a Deployment and waits for the autoscaler.
func (d *demo) scale(ctx context.Context) error {
	if _, err := d.show(ctx, "get", "hpa", "-n", "shop"); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nraising the load of shop/checkout from %gm to %gm\n", quiet*1000, busy*1000)
	if err := d.Fleet.SetLoad("shop/checkout", busy); err != nil {
		return err
	}
	if err := d.waitReplicas(ctx, wantReplicas); err != nil {
		return err
	}
	if err := d.WaitServed(ctx, demoPods-1+wantReplicas); err != nil {
		return err
	}
	for _, args := range [][]string{{"get", "hpa", "-n", "shop"}, {"top", "pods", "-n", "shop", "-l", "app=checkout"}} {
		if _, err := d.show(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// waitReplicas prints every change on the way.
func (d *demo) waitReplicas(ctx context.Context, want int32) error {
	last := int32(0)
	err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		deployment, err := d.Client.AppsV1().Deployments("shop").Get(ctx, "checkout", metav1.GetOptions{})
		if err != nil {
			return false, fmt.Errorf("get the deployment: %w", err)
		}
		if now := deployment.Status.ReadyReplicas; now != last {
			fmt.Fprintf(d.out, "shop/checkout has %d replicas\n", now)
			last = now
		}
		return last >= want, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the autoscaler to want %d replicas of shop/checkout, it has %d: %w", want, last, err)
	}
	return nil
}
