package longpoll

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A Client polls a Server.
type Client struct {
	HTTP *http.Client
	URL  string
}

// Unnumbered is the since of a poll that does not say what its client has seen.
const Unnumbered = -1

// maxAnswer is the longest answer that a Client reads, in bytes.
const maxAnswer = 16 << 20

// Poll asks once for the events after since, and waits as long as the server
// lets it. An Answer without events says that there was none.
func (c *Client) Poll(ctx context.Context, since int) (a Answer, status int, err error) {
	address, err := url.Parse(c.URL)
	if err != nil {
		return a, 0, err
	}
	if since != Unnumbered {
		q := address.Query()
		q.Set("since", strconv.Itoa(since))
		address.RawQuery = q.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return a, 0, err
	}
	r, err := c.HTTP.Do(request)
	if err != nil {
		return a, 0, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	switch {
	case err != nil:
		return a, r.StatusCode, err
	case r.StatusCode == http.StatusNoContent:
		return a, r.StatusCode, nil
	case r.StatusCode != http.StatusOK:
		return a, r.StatusCode, fmt.Errorf("the server answered %s", r.Status)
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, r.StatusCode, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return a, r.StatusCode, nil
}
