package access_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/access"
)

const (
	secret = "0123456789abcdef0123456789abcdef"
	other  = "fedcba9876543210fedcba9876543210"
)

func ring(t *testing.T, text string) *access.Keys {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := access.ReadKeys("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func sign(t *testing.T, keys *access.Keys, ttl time.Duration) string {
	t.Helper()
	token, err := keys.Sign(access.Principal{Actor: "ann", Role: access.Ops,
		Warehouses: []string{"W1", "W2"}}, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// pair is an Ed25519 key as PEM: the private one and the public one.
func pair(t *testing.T) (private, public string) {
	t.Helper()
	publicKey, privateKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(privateKey)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(publicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix}))
}

func TestTokensSayWhoActs(t *testing.T) {
	private, public := pair(t)
	next, _ := pair(t)
	t.Setenv("SIGNING", secret)
	fromEnvironment, err := access.ReadKeys("env:SIGNING")
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][2]*access.Keys{
		"a secret":          {ring(t, secret+"\n"), fromEnvironment},
		"a named secret":    {ring(t, "k1 "+secret), ring(t, "k2 "+other+"\nk1 "+secret+"\n")},
		"Ed25519":           {ring(t, private), ring(t, private)},
		"Ed25519, rotated":  {ring(t, private), ring(t, next+public)},
		"to a secret again": {ring(t, private), ring(t, private)},
	} {
		who, err := keys[1].Check(sign(t, keys[0], time.Hour))
		if err != nil || who.Actor != "ann" || who.Role != access.Ops || who.Token == "" ||
			!slices.Equal(who.Warehouses, []string{"W1", "W2"}) {
			t.Errorf("%s: %v %+v", name, err, who)
		}
	}
}

func TestPrincipalsSeeTheirWarehouses(t *testing.T) {
	some := access.Principal{Warehouses: []string{"W1"}}
	if !some.Sees("W1") || some.Sees("W2") || some.Sees("") {
		t.Error("it sees what is not its own")
	}
	if local := access.Local(); !local.Sees("W2") || local.Role != access.Admin {
		t.Error("on loopback everybody is ADMIN")
	}
}

// part decodes a part of a token, changes it and encodes it again.
func part(t *testing.T, token string, number int, change func(map[string]any)) string {
	t.Helper()
	parts := strings.Split(token, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(parts[number])
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(decoded, &said); err != nil {
		t.Fatal(err)
	}
	change(said)
	encoded, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	parts[number] = base64.RawURLEncoding.EncodeToString(encoded)
	return strings.Join(parts, ".")
}

func TestForgedTokensAreRefused(t *testing.T) {
	private, public := pair(t)
	keys := ring(t, "k1 "+secret)
	good := sign(t, keys, time.Hour)
	none := part(t, good, 0, func(h map[string]any) { h["alg"] = "none" })
	asSecret := ring(t, "k "+base64.StdEncoding.EncodeToString([]byte(public))[:64])
	for name, token := range map[string]string{
		"":                   "",
		"no token":           "abc",
		"expired":            sign(t, keys, -time.Minute),
		"another's key":      sign(t, ring(t, "k1 "+other), time.Hour),
		"an unknown key":     sign(t, ring(t, "k9 "+secret), time.Hour),
		"another method":     sign(t, ring(t, private), time.Hour),
		"a public key":       sign(t, asSecret, time.Hour),
		"none":               none,
		"none, unsigned":     none[:strings.LastIndex(none, ".")+1],
		"a changed role":     part(t, good, 1, func(c map[string]any) { c["role"] = "ADMIN" }),
		"a changed expiry":   part(t, good, 1, func(c map[string]any) { c["exp"] = 9e9 }),
		"no expiry":          part(t, good, 1, func(c map[string]any) { delete(c, "exp") }),
		"a bit more":         good + "A",
		"very much":          strings.Repeat("a", 1<<20),
		"without key id":     part(t, good, 0, func(h map[string]any) { delete(h, "kid") }),
		"a key id of a kind": part(t, good, 0, func(h map[string]any) { h["kid"] = 7 }),
	} {
		if who, err := keys.Check(token); !errors.Is(err, access.ErrToken) {
			t.Errorf("%s: %v %+v", name, err, who)
		}
	}
	strange, err := keys.Sign(access.Principal{Actor: "x", Role: "ROOT",
		Warehouses: []string{"W1"}}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Check(strange); !errors.Is(err, access.ErrToken) {
		t.Error("a role that there is not was taken")
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	private, public := pair(t)
	for name, test := range map[string]struct{ text, want string }{
		"too short":    {"hunter2", "line 1: a secret has at least 32 bytes"},
		"empty":        {"\n\n", "no key that signs"},
		"public only":  {public, "no key that signs"},
		"public first": {public + private, "no key that signs"},
		"twice":        {"k " + secret + "\nk " + other, `two keys named "k"`},
		"a rest":       {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "CERTIFICATE"},
		"no PKCS8":     {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no Ed25519"},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := access.ReadKeys("file:" + path)
		if err == nil || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, source := range []string{"file:/nowhere", "env:TIERSTOCK_NO_SUCH", secret} {
		if _, err := access.ReadKeys(source); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", source, err)
		}
	}
}
