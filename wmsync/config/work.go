package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tierstock/model"
	"tierstock/wmsync"
)

// How often a system is asked.
const (
	everyDefault = 10 * time.Second
	everyMin     = time.Second
	everyMax     = 24 * time.Hour
)

// pull reads what is pulled, and when.
func (r *reader) pull(node *yaml.Node) wmsync.Pulling {
	pull := wmsync.Pulling{Every: everyDefault}
	found := r.mapping(node, "pull", keys{
		"streams":   func(value *yaml.Node) { pull.Streams = r.streams(value) },
		"every":     func(value *yaml.Node) { pull.Every = r.every(value) },
		"cron":      func(value *yaml.Node) { pull.Cron = r.cron(value) },
		"timezone":  func(value *yaml.Node) { pull.Timezone = r.timezone(value) },
		"shrinkMax": func(value *yaml.Node) { pull.ShrinkMax = r.percent(value) },
	})
	line, isCron := found["cron"]
	if _, both := found["every"]; both && isCron {
		r.wrongf(line, "pull.cron", "leave one of the two out", "is given together with every")
	}
	if line, given := found["timezone"]; given && !isCron {
		r.wrongf(line, "pull.timezone", "leave it out, or write cron: ...", "is given without cron")
	}
	if isCron {
		pull.Every = 0
		if pull.Timezone == "" {
			pull.Timezone = "UTC"
		}
	}
	return pull
}

// streams reads what is pulled, in the order in which one relies on those before it.
func (r *reader) streams(node *yaml.Node) (streams []wmsync.Stream) {
	if node.Kind == yaml.SequenceNode && len(node.Content) == 0 {
		return nil
	}
	var names []string
	for _, stream := range wmsync.Streams {
		names = append(names, string(stream))
	}
	asked := r.each(node, "pull.streams", func(entry *yaml.Node) string {
		return r.checked(entry, "pull.streams", "the streams are "+strings.Join(names, ", "),
			func(text string) error {
				if !slices.Contains(names, text) {
					return errors.New("is none; the nearest is " + nearest(text, names))
				}
				return nil
			})
	})
	for _, stream := range wmsync.Streams {
		if slices.Contains(asked, string(stream)) {
			streams = append(streams, stream)
		}
	}
	return streams
}

func (r *reader) every(node *yaml.Node) (every time.Duration) {
	r.checked(node, "pull.every", "write a time such as 10s or 5m", func(text string) (err error) {
		if every, err = time.ParseDuration(text); err != nil {
			return errors.New("is no time")
		}
		if every < everyMin || every > everyMax {
			return fmt.Errorf("is not from %s to %s", everyMin, everyMax)
		}
		return nil
	})
	return every
}

// percent reads how much of what is known a snapshot may lack.
func (r *reader) percent(node *yaml.Node) (percent int) {
	r.checked(node, "pull.shrinkMax", "write percent, 1 to 100", func(text string) (err error) {
		if percent, err = strconv.Atoi(text); err != nil || percent < 1 || percent > 100 {
			return errors.New("is not from 1 to 100")
		}
		return nil
	})
	return percent
}

func (r *reader) cron(node *yaml.Node) string {
	return r.checked(node, "pull.cron", "write minute, hour, day of the month, month and day of the "+
		"week, as in \"*/5 6-20 * * 1-6\"", r.options.Schedule)
}

func (r *reader) timezone(node *yaml.Node) string {
	return r.checked(node, "pull.timezone", "write one such as Europe/Vienna",
		func(text string) error {
			if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
				return errors.New("is no time zone that this machine knows")
			}
			return nil
		})
}

// reconcile reads when books are compared.
func (r *reader) reconcile(node *yaml.Node) time.Duration {
	if node.Kind == yaml.ScalarNode && node.Value == "never" {
		return never
	}
	at := reconcileAt
	if node.Kind != yaml.MappingNode {
		r.wrongf(node.Line, "reconcile", "write {at: \"03:30\"} or never", "does not say when")
		return at
	}
	found := r.mapping(node, "reconcile", keys{"at": func(value *yaml.Node) {
		r.checked(value, "reconcile.at", "write a time such as \"03:30\"", func(text string) error {
			clock, err := time.Parse("15:04", text)
			if err != nil {
				return errors.New("is no time of the day")
			}
			at = time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute
			return nil
		})
	}})
	if len(found) == 0 {
		r.wrongf(node.Line, "reconcile", "write {at: \"03:30\"} or never", "does not say when")
	}
	return at
}

// tolerances reads how far classes of SKUs may be off.
func (r *reader) tolerances(node *yaml.Node) (all []wmsync.Tolerance) {
	if node.Kind != yaml.SequenceNode {
		r.wrongf(node.Line, "tolerances", "write each as - {skus: PREFIX, qty: \"2\"}", "is no list")
		return nil
	}
	for _, entry := range node.Content {
		var made wmsync.Tolerance
		found := r.mapping(entry, "tolerances", keys{
			"skus": func(value *yaml.Node) { made.Prefix = r.prefix(value) },
			"qty":  func(value *yaml.Node) { made.Qty = r.amount(value, "qty", model.QuantityMax) },
			"percent": func(value *yaml.Node) {
				made.Percent = r.amount(value, "percent", model.Whole(100))
			},
		})
		if found != nil && found["qty"]+found["percent"] == 0 {
			r.wrongf(entry.Line, "tolerances", "write qty, percent or both", "does not say how far")
		}
		if slices.ContainsFunc(all, func(other wmsync.Tolerance) bool {
			return other.Prefix == made.Prefix
		}) {
			r.wrongf(entry.Line, "tolerances", "leave one of the two out", "has the SKUs %q twice",
				made.Prefix)
		}
		all = append(all, made)
	}
	return all
}

func (r *reader) prefix(node *yaml.Node) string {
	return r.checked(node, "tolerances.skus", "write how their codes begin, or leave it out for all",
		model.CheckLabel)
}

// amount reads a quantity or a percentage, up to a most.
func (r *reader) amount(node *yaml.Node, key string, most model.Quantity) (qty model.Quantity) {
	field := "tolerances." + key
	text, ok := r.text(node, field)
	if !ok {
		return 0
	}
	qty, err := model.ParseQuantity(text)
	if err == nil && (qty < 0 || qty > most) {
		err = fmt.Errorf("%s is not from 0 to %s", text, most)
	}
	if err != nil {
		r.wrongf(node.Line, field, "write a number such as \"2\"", "is wrong: %v", err)
	}
	return qty
}
