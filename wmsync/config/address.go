package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tierstock/wmsync"
)

// topicCharsMax is Kafka's own limit.
const topicCharsMax = 249

// url reads where a system is, without a slash at the end. What is wrong is said without the text,
// which may have a password in it.
func (r *reader) url(node *yaml.Node, d *draft) {
	text, ok := r.text(node, "url")
	if !ok {
		return
	}
	address, err := checkURL(text)
	if err != nil {
		r.wrongf(node.Line, "url", "write it as in https://erp.example/api", "%v", err)
		return
	}
	d.URL = strings.TrimRight(text, "/")
	d.isPlain = address.Scheme == "http" && !isLoopback(address.Hostname())
}

func checkURL(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("is no URL")
	case address.Scheme != "http" && address.Scheme != "https":
		return nil, errors.New("does not begin with http:// or https://")
	case address.User != nil:
		return nil, errors.New("has a user in it, whom logs would tell of")
	case strings.ContainsAny(text, "?#"):
		return nil, errors.New("has a query or a fragment")
	case address.Hostname() == "":
		return nil, errors.New("names no host")
	case address.Port() != "" && !isPort(address.Port()) || strings.HasSuffix(address.Host, ":"):
		return nil, errors.New("has a port that is none")
	}
	return address, nil
}

// checkDatabase: Tryton is asked at the path of a database.
func (r *reader) checkDatabase(d *draft) {
	if d.Kind != wmsync.KindTryton || d.URL == "" {
		return
	}
	address, err := url.Parse(d.URL)
	if err == nil && strings.Count(address.Path, "/") == 1 {
		return
	}
	r.wrongf(d.found["url"], "url", "write it as in https://tryton.example/DATABASE",
		"must have the database as its path")
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// isLoopback says whether a host is this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

func (r *reader) brokers(node *yaml.Node) []string {
	return r.each(node, "brokers", func(entry *yaml.Node) string {
		return r.checked(entry, "brokers", "write each as host:port", func(text string) error {
			host, port, err := net.SplitHostPort(text)
			if err != nil || host == "" || strings.ContainsAny(text, "/@ ") || !isPort(port) {
				return errors.New("is no host:port")
			}
			return nil
		})
	})
}

func (r *reader) topic(node *yaml.Node) string {
	return r.checked(node, "topic", "use letters, digits, dots, _ and -", func(text string) error {
		if text == "" || len(text) > topicCharsMax || strings.Trim(text, nameCharacters) != "" ||
			text == "." || text == ".." {
			return fmt.Errorf("is no name of a topic of 1 to %d characters", topicCharsMax)
		}
		return nil
	})
}
