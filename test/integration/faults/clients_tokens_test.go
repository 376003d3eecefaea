package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
)

// tokenResets is a client at an address of its own that opens streams, so many a second, each with another made-up token, and resets each of them when it has
// opened a few more.
func tokenResets(from string, perSecond, later int) func(context.Context, *testing.T) error {
	return func(ctx context.Context, t *testing.T) error {
		var results tally
		number := 0
		err := frames{from: &net.TCPAddr{IP: net.ParseIP(from)}, perSecond: perSecond, reads: true, write: func(c *frameWriter, i int) error {
			number++
			id, err := c.open(http.MethodGet, apis+"/pods", true, [2]string{"authorization", fmt.Sprintf("Bearer made-up-%s-%d-%d", from, later, number)})
			if err != nil || i < later {
				return err
			}
			return c.WriteRSTStream(id-2*uint32(later), http2.ErrCodeCancel)
		}}.wage(ctx, &results)
		results.log(t, "resets from "+from)
		return errors.Join(err, results.check(perSecond*int(lasts.Seconds())/3, "frames", "connections", "connections refused"))
	}
}

// newTokens observes the latency of calls with a token that was in no call before, so that the API server has to review it. Its account has no rights.
func newTokens(t *testing.T) observe.Observer {
	t.Helper()
	const name = "client with a new token"
	config, err := env.Server.ConfigFor("")
	if err != nil {
		t.Fatal(err)
	}
	accounts := env.Client.CoreV1().ServiceAccounts(metav1.NamespaceDefault)
	return observe.Observer{Name: name, Every: 500 * time.Millisecond, Observe: func(ctx context.Context, o *observe.Observation) error {
		token, err := accounts.CreateToken(ctx, "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("get a token: %w", err)
		}
		own := rest.AnonymousClientConfig(config)
		own.BearerToken = token.Status.Token
		begin := time.Now()
		code, body, err := cluster.Get(ctx, own, apis+"/nodes")
		if o.NoteCall(name, time.Since(begin)); err == nil && code != http.StatusForbidden {
			err = fmt.Errorf("code %d: %.200s", code, body)
		}
		return err
	}}
}

// TestTokensOfStreamsThatAreReset has anonymous clients at one address open streams with made-up tokens, and reset them while the API server reviews these. The
// library goes on with each review; the reviews of tokens of other addresses wait for it.
func TestTokensOfStreamsThatAreReset(t *testing.T) {
	// An API server that reviews them as fast as they come has none wait, so that none is refused: the library counts each.
	reviews := []string{refusals("token_reviews_of_address") + `|^authentication_attempts{result="(error|failure)"}`}
	a := attackOf("resets with made-up tokens, 800/s", []clientAttack{
		{"at once, 400/s", tokenResets("127.0.0.9", 400, 0), nil},
		{"400/s", tokenResets("127.0.0.9", 400, 40), reviews},
	})
	a.observers = []observe.Observer{newTokens(t)}
	a.run(t)
}
