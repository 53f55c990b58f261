package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"

	"tierstock/access"
)

// listenFlag is where to serve, and whom.
type listenFlag struct {
	keyFlag

	Listen  string `default:"${defaultListen}" help:"${listen}" placeholder:"HOST:PORT"`
	Rate    int    `default:"${defaultRate}"   help:"${rate}"   placeholder:"N"`
	TLSCert string `help:"${tlsCert}"          name:"tls-cert"  placeholder:"FILE"`
	TLSKey  string `help:"${tlsKey}"           name:"tls-key"   placeholder:"FILE"`
}

// keyFlag is where the keys of access tokens are.
type keyFlag struct {
	SigningKey string `help:"${signingKey}" placeholder:"file:PATH|env:NAME"`
}

// Validate refuses addresses that others could reach where nobody is asked who they are.
func (f listenFlag) Validate() error {
	host, err := hostToListenOn(f.Listen)
	if err != nil {
		return err
	}
	if f.Rate < 0 {
		return errors.New("--rate: must not be negative; 0 is no limit")
	}
	keys, err := f.keys()
	if err != nil {
		return err
	}
	if _, err := f.encryption(); err != nil {
		return err
	}
	if keys == nil && !isLoopback(host) {
		return fmt.Errorf("--listen: %s is not a loopback address; without --signing-key every "+
			"caller is ADMIN, so only 127.0.0.1, ::1 and localhost are served", f.Listen)
	}
	return nil
}

// hostToListenOn is the host of an address that can be listened on.
func hostToListenOn(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("--listen: %q is not an address such as 127.0.0.1:8080", address)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		return "", fmt.Errorf("--listen: %q is not a port", port)
	}
	return host, nil
}

// keys are the ring that tokens are signed and checked with, nil for none.
func (f keyFlag) keys() (*access.Keys, error) {
	if f.SigningKey == "" {
		return nil, nil
	}
	keys, err := access.ReadKeys(f.SigningKey)
	if err != nil {
		return nil, fmt.Errorf("--signing-key: %w", err)
	}
	return keys, nil
}

// encryption is the certificate to serve with, nil for none.
func (f listenFlag) encryption() (*tls.Config, error) {
	if f.TLSCert == "" && f.TLSKey == "" {
		return nil, nil
	}
	if f.TLSCert == "" || f.TLSKey == "" {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	pair, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
