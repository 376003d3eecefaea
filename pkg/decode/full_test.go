package decode

import (
	"context"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// resource decodes the text format with the full parser, which is what the fast path is compared with.
func resource(body []byte) (n sample.Node, err error) {
	if err := checkLines(body, "lines", maxLines); err != nil {
		return n, err
	}
	read, err := readResource(context.Background(), body, names{}, everything{}, sample.AllResources)
	if err == nil {
		read.fill(&n)
	}
	return n, err
}

// summary decodes all that a summary has.
func summary(body []byte) (sample.Node, error) {
	return SummaryDecoder{Extra: sample.AllResources}.decode(context.Background(), body)
}

// decode returns the sample of a body; the zero value with an error.
func (d SummaryDecoder) decode(ctx context.Context, body []byte) (n sample.Node, err error) {
	if err = d.Decode(ctx, body, &n); err != nil {
		return sample.Node{}, err
	}
	return n, nil
}
