package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tierstock/model"
	"tierstock/wmsync"
)

// reconcileAt is when books are compared unless told otherwise: after the night's own runs, and
// before the early shift.
const reconcileAt = 3*time.Hour + 30*time.Minute

// never is a system whose books are not compared by themselves.
const never = time.Duration(-1)

// draft is a system that is being read. found are the lines of the keys it has; insecure lets
// credentials travel unencrypted, which isPlain says they would.
type draft struct {
	wmsync.System

	line              int
	found             map[string]int
	insecure, isPlain bool
}

func (r *reader) readSystem(node *yaml.Node) wmsync.System {
	d := &draft{line: node.Line}
	d.ReconcileAt = reconcileAt
	d.Pull.Every = everyDefault
	if d.found = r.mapping(node, "", r.keysOf(d)); d.found == nil {
		return d.System
	}
	r.checkNeeded(d)
	r.checkKind(d)
	r.checkPlain(d)
	r.checkDatabase(d)
	if d.Kind == wmsync.KindKafka {
		d.Pull, d.ReconcileAt = wmsync.Pulling{}, never
	}
	return d.System
}

func (r *reader) keysOf(d *draft) keys {
	return keys{
		"name":     func(value *yaml.Node) { d.Name = r.name(value) },
		"kind":     func(value *yaml.Node) { d.Kind = r.kind(value) },
		"url":      func(value *yaml.Node) { r.url(value, d) },
		"insecure": func(value *yaml.Node) { d.insecure = r.flag(value, "insecure") },
		"token":    func(value *yaml.Node) { d.Token = r.secret(value, "token", checkToken) },
		"user":     func(value *yaml.Node) { d.User = r.user(value) },
		"password": func(value *yaml.Node) {
			d.Password = r.secret(value, "password", checkPassword)
		},
		"webhookSecrets": func(value *yaml.Node) { d.WebhookSecrets = r.webhookSecrets(value) },
		"brokers":        func(value *yaml.Node) { d.Brokers = r.brokers(value) },
		"topic":          func(value *yaml.Node) { d.Topic = r.topic(value) },
		"warehouses": func(value *yaml.Node) {
			d.Warehouses = r.codes(value, "warehouses", model.CheckCode)
		},
		"zones":       func(value *yaml.Node) { d.Zones = r.codes(value, "zones", model.CheckCode) },
		"owners":      func(value *yaml.Node) { d.Owners = r.codes(value, "owners", model.CheckLabel) },
		"skus":        func(value *yaml.Node) { d.SKUs = r.codes(value, "skus", model.CheckCode) },
		"packs":       func(value *yaml.Node) { d.Packs = r.codes(value, "packs", model.CheckLabel) },
		"defaultZone": func(value *yaml.Node) { d.DefaultZone = r.zone(value) },
		"pull":        func(value *yaml.Node) { d.Pull = r.pull(value) },
		"push":        func(value *yaml.Node) { d.Push = r.flag(value, "push") },
		"pushFrom":    func(value *yaml.Node) { d.PushFromNow = r.pushFrom(value) == fromNow },
		"tls":         func(value *yaml.Node) { d.TLS = r.flag(value, "tls") },
		"reconcile":   func(value *yaml.Node) { d.ReconcileAt = r.reconcile(value) },
		"tolerances":  func(value *yaml.Node) { d.Tolerances = r.tolerances(value) },
	}
}

// kindsOf are the kinds of systems that a key is for, nil for all.
func kindsOf(key string) []wmsync.Kind {
	switch key {
	case "token":
		return []wmsync.Kind{wmsync.KindWES}
	case "user", "password":
		return []wmsync.Kind{wmsync.KindTryton, wmsync.KindKafka}
	case "brokers", "topic", "tls":
		return []wmsync.Kind{wmsync.KindKafka}
	case "url", "insecure", "webhookSecrets", "defaultZone", "pull", "reconcile", "tolerances":
		return []wmsync.Kind{wmsync.KindWES, wmsync.KindTryton}
	}
	return nil
}

// checkKind refuses keys that a system of its kind has no use for.
func (r *reader) checkKind(d *draft) {
	if d.Kind == "" {
		return
	}
	for key, line := range d.found {
		if kinds := kindsOf(key); kinds != nil && !slices.Contains(kinds, d.Kind) {
			r.wrongf(line, key, "leave it out", "is not for a system of kind %s", d.Kind)
		}
	}
	if d.Kind == wmsync.KindKafka && !d.Push {
		r.wrongf(d.line, "push", "write push: true", "must be true: kafka does nothing else")
	}
}

// checkNeeded refuses a system without what one of its kind must have.
func (r *reader) checkNeeded(d *draft) {
	needed := []string{"name", "kind", "warehouses"}
	for _, key := range []string{"url", "user", "password", "brokers", "topic"} {
		isLogin := key == "user" || key == "password"
		if slices.Contains(kindsOf(key), d.Kind) && (!isLogin || d.Kind == wmsync.KindTryton) {
			needed = append(needed, key)
		}
	}
	if d.Kind == wmsync.KindKafka && d.found["user"] > 0 {
		needed = append(needed, "password")
	}
	for _, key := range needed {
		if _, there := d.found[key]; there {
			continue
		}
		r.wrongf(d.line, key, "write "+key+": ...", "is missing")
	}
}

// checkPlain refuses credentials that anyone on the way could read.
func (r *reader) checkPlain(d *draft) {
	line := max(d.found["token"], d.found["password"])
	if d.isPlain && line > 0 && !d.insecure {
		r.wrongf(d.found["url"], "url", "use https, or write insecure: true if the network is your own",
			"is http, and what is given in line %d could be read on the way", line)
	}
}

// isName says whether a text can be a system's name, which is a part of a path too.
func isName(text string) bool {
	return text != "" && len(text) <= nameCharsMax && strings.Trim(text, nameCharacters) == "" &&
		strings.Trim(text, ".") != ""
}

// nameCharsMax leaves room for what stands before a system's name in keys of flows: see package
// wmsync.
const nameCharsMax = 50

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

func (r *reader) name(node *yaml.Node) string {
	return r.checked(node, "name", "use letters, digits, dots, _ and -", func(text string) error {
		if !isName(text) {
			return fmt.Errorf("is no name of 1 to %d characters that a path can have",
				nameCharsMax)
		}
		return nil
	})
}

func (r *reader) kind(node *yaml.Node) wmsync.Kind {
	kinds := []string{string(wmsync.KindWES), string(wmsync.KindTryton), string(wmsync.KindKafka)}
	return wmsync.Kind(r.checked(node, "kind", "the kinds are "+strings.Join(kinds, ", "),
		func(text string) error {
			if !slices.Contains(kinds, text) {
				return errors.New("is none; the nearest is " + nearest(text, kinds))
			}
			return nil
		}))
}

func (r *reader) user(node *yaml.Node) string {
	return r.checked(node, "user", "write the name of the user", func(text string) error {
		return cmp.Or(checkPassword(text), model.CheckCode(text))
	})
}

// Where the feed is told from when a system is new.
const (
	fromNow       = "now"
	fromBeginning = "beginning"
)

func (r *reader) pushFrom(node *yaml.Node) string {
	return r.checked(node, "pushFrom", "write now or beginning", func(text string) error {
		if text != fromNow && text != fromBeginning {
			return errors.New("is neither")
		}
		return nil
	})
}

func (r *reader) zone(node *yaml.Node) string {
	return r.checked(node, "defaultZone", "write the code of a zone of ours", model.CheckCode)
}
