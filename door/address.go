package door

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// CheckAddress says what is wrong with a real address, which has a host and a
// port.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address; write a host and a port, such as 127.0.0.1:8080", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port from 0 to 65535; write one, such as 127.0.0.1:8080", address)
	}
	if host == "" {
		return fmt.Errorf("%q has no host: 127.0.0.1%s is this machine only, 0.0.0.0%s all its networks", address, address, address)
	}
	return nil
}

// Loopback says whether only programs of this machine can come to an address at
// which one listens.
func Loopback(a net.Addr) bool {
	host, _, err := net.SplitHostPort(a.String())
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// Listen opens a real TCP port. The error says what to do.
func Listen(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	return ln, advice(address, err)
}

// ListenPacket opens a real UDP port. The error says what to do.
func ListenPacket(address string) (*net.UDPConn, error) {
	pc, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, advice(address, err)
	}
	return pc.(*net.UDPConn), nil
}

func advice(address string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program has %s already; end it, or take another port", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("you may not open %s; take a port of 1024 or more", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine; take 127.0.0.1", address)
	}
	return err
}
