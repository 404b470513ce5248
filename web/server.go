package web

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds on what a client may cost a server before it has said what it wants.
const (
	headTime  = 30 * time.Second // for the head of a request
	idleTime  = 2 * time.Minute  // between requests
	headBytes = 16 << 10
)

// NewServer is a server for h that does not wait for ever for a slow client, and
// keeps no long heads.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headTime, IdleTimeout: idleTime, MaxHeaderBytes: headBytes,
		ErrorLog: log.New(io.Discard, "", 0)} // strangers' bytes would stand in it
}

// Welcome says whether a page of the request's origin may use the server: a
// browser says where a page comes from (RFC 6454), other programs say nothing.
// Those of the server's own host may, and those in origins, where "*" is any.
func Welcome(r *http.Request, origins []string) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(origins, "*") || slices.Contains(origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// URL is the address of a path at the host "server"; the port is left out where
// it is the usual one.
func URL(scheme, port, path string) string {
	if port != "80" {
		port = ":" + port
	} else {
		port = ""
	}
	return scheme + "://server" + port + path
}

// CheckPath says what is wrong with a path to ask for.
func CheckPath(path string) error {
	if _, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(path, "/") || strings.Contains(path, "#") {
		return fmt.Errorf("path: %q is none; it begins with a slash, such as /news", path)
	}
	return nil
}
