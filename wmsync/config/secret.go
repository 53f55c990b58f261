package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// secretBytesMax is far more than any secret takes.
const secretBytesMax = 8 << 10

// The bytes of a webhook secret, as the Standard Webhooks specification bounds them.
const (
	webhookPrefix   = "whsec_"
	webhookBytesMin = 24
	webhookBytesMax = 64
)

// ReadSecret reads what env:NAME or file:PATH names, without the line's end after it. An error says
// what is wrong, and neither the reference nor what is there.
func ReadSecret(reference string) (string, error) {
	if name, isEnv := strings.CutPrefix(reference, "env:"); isEnv {
		text, there := os.LookupEnv(name)
		if !there {
			return "", errors.New("there is no such environment variable")
		}
		return strings.TrimRight(text, "\r\n"), nil
	}
	path, isFile := strings.CutPrefix(reference, "file:")
	if !isFile {
		return "", errors.New("a secret is named env:NAME or file:PATH")
	}
	file, err := os.Open(path) //nolint:gosec // who runs the program names it
	if err != nil {
		return "", cause(err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, secretBytesMax+1))
	if err != nil {
		return "", cause(err)
	}
	if len(text) > secretBytesMax {
		return "", fmt.Errorf("has more than %d bytes", secretBytesMax)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// cause is an error of a file without the file's name, which is said already.
func cause(err error) error {
	if known, ok := errors.AsType[*os.PathError](err); ok {
		return known.Err
	}
	return err
}

// isReference says whether a text names a secret and is none itself, so that it may be repeated.
func isReference(text string) bool {
	if name, isEnv := strings.CutPrefix(text, "env:"); isEnv {
		word := strings.Trim(name, "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
		return name != "" && word == "" && (name[0] < '0' || name[0] > '9')
	}
	path, isFile := strings.CutPrefix(text, "file:")
	return isFile && path != ""
}

// secret reads what a reference names. Where secrets are not read it is "".
func (r *reader) secret(node *yaml.Node, field string, check func(secret string) error) string {
	if node.Kind != yaml.ScalarNode || !isReference(node.Value) {
		r.wrongf(node.Line, field, "write env:NAME or file:PATH, which the secret is read from",
			"does not name a secret")
		return ""
	}
	if r.options.Secret == nil {
		return ""
	}
	secret, err := r.options.Secret(node.Value)
	remedy := "put the secret there"
	if err == nil && secret == "" {
		err = errors.New("is empty")
	}
	if err == nil {
		err = check(secret)
	}
	if err != nil {
		r.wrongf(node.Line, field, remedy, "cannot be read from %.200s: %v", node.Value, err)
		return ""
	}
	return secret
}

// webhookSecrets reads a list of secrets, none of which is named twice.
func (r *reader) webhookSecrets(node *yaml.Node) (secrets []string) {
	r.each(node, "webhookSecrets", func(entry *yaml.Node) string {
		secret := r.secret(entry, "webhookSecrets", checkWebhookSecret)
		if secret != "" {
			secrets = append(secrets, secret)
		}
		return entry.Value
	})
	return secrets
}

// checkToken refuses what no header can carry.
func checkToken(token string) error {
	for _, each := range []byte(token) {
		if each <= ' ' || each > '~' {
			return errors.New("has a character that a token cannot have")
		}
	}
	return nil
}

func checkPassword(password string) error {
	if strings.ContainsAny(password, "\x00\r\n") {
		return errors.New("has more than one line")
	}
	return nil
}

func checkWebhookSecret(secret string) error {
	encoded, isMarked := strings.CutPrefix(secret, webhookPrefix)
	if !isMarked {
		return errors.New("does not begin with " + webhookPrefix)
	}
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return errors.New("is not base64 after " + webhookPrefix)
	}
	if len(bytes) < webhookBytesMin || len(bytes) > webhookBytesMax {
		return fmt.Errorf("has %d bytes, not %d to %d", len(bytes), webhookBytesMin, webhookBytesMax)
	}
	return nil
}
