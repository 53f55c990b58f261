package access

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

// secretBytesMin is the least length of a shared secret: that of the hash, as RFC 7518, section
// 3.2, demands for HS256.
const secretBytesMin = 32

// keyBytesMax is far more than any key ring takes.
const keyBytesMax = 64 << 10

// Keys are a ring of signing keys: the first signs, and each checks what carries its id. So a new
// key is put first, and the old one stays until its last token has run out.
type Keys struct {
	first key
	byID  map[string]key
}

// key is one of the ring. sign is nil for one that only checks.
type key struct {
	id     string
	method jwt.SigningMethod
	sign   any
	check  any
}

// ReadKeys reads a key ring: "file:PATH" or "env:NAME". What it says is either PEM blocks, each an
// Ed25519 key (PRIVATE KEY to sign and check, PUBLIC KEY to check; a header Kid names it), or a
// line for each shared secret of at least 32 bytes, which may have a name before it and a space.
func ReadKeys(source string) (*Keys, error) {
	text, err := readSource(source)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	return keys, nil
}

func readSource(source string) (string, error) {
	if name, isEnv := strings.CutPrefix(source, "env:"); isEnv {
		text, there := os.LookupEnv(name)
		if !there {
			return "", fmt.Errorf("%s: there is no such environment variable", source)
		}
		return text, nil
	}
	path, isFile := strings.CutPrefix(source, "file:")
	if !isFile {
		return "", errors.New("a signing key is file:PATH or env:NAME")
	}
	file, err := os.Open(path) //nolint:gosec // who runs the program names it
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, keyBytesMax))
	return string(text), err
}

func parseKeys(text string) (*Keys, error) {
	read := readSecrets
	if strings.Contains(text, "-----BEGIN ") {
		read = readPEM
	}
	ring, err := read(text)
	if err != nil {
		return nil, err
	}
	if len(ring) == 0 || ring[0].sign == nil {
		return nil, errors.New("has no key that signs; the first one must")
	}
	keys := &Keys{first: ring[0], byID: map[string]key{}}
	for _, key := range ring {
		if _, twice := keys.byID[key.id]; twice {
			return nil, fmt.Errorf("has two keys named %q", key.id)
		}
		keys.byID[key.id] = key
	}
	return keys, nil
}

// readSecrets reads a shared secret a line, with a name before it or not.
func readSecrets(text string) (ring []key, err error) {
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		id, secret := "", line
		if words := strings.FieldsFunc(line, unicode.IsSpace); len(words) == 2 {
			id, secret = words[0], words[1]
		}
		if len(secret) < secretBytesMin {
			return nil, fmt.Errorf("line %d: a secret has at least %d bytes; make one with "+
				"`openssl rand -hex 32`", number+1, secretBytesMin)
		}
		if id == "" {
			id = fingerprint([]byte(secret))
		}
		ring = append(ring, key{id, jwt.SigningMethodHS256, []byte(secret), []byte(secret)})
	}
	return ring, nil
}

func readPEM(text string) (ring []key, err error) {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return ring, nil
		}
		read, err := readBlock(block)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", len(ring)+1, err)
		}
		ring = append(ring, read)
	}
}

func readBlock(block *pem.Block) (key, error) {
	read := key{id: block.Headers["Kid"], method: jwt.SigningMethodEdDSA}
	switch block.Type {
	case "PRIVATE KEY":
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		private, isEd25519 := parsed.(ed25519.PrivateKey)
		if err != nil || !isEd25519 {
			return key{}, errors.New("is no Ed25519 key; make one with `openssl genpkey " +
				"-algorithm ed25519`")
		}
		read.sign, read.check = private, private.Public()
	case "PUBLIC KEY":
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		public, isEd25519 := parsed.(ed25519.PublicKey)
		if err != nil || !isEd25519 {
			return key{}, errors.New("is no Ed25519 key")
		}
		read.check = public
	default:
		return key{}, fmt.Errorf("is a %s; only PRIVATE KEY and PUBLIC KEY are known", block.Type)
	}
	if read.id == "" {
		read.id = fingerprint(read.check.(ed25519.PublicKey))
	}
	return read, nil
}

// fingerprint names a key that has no name, without telling what it is.
func fingerprint(of []byte) string {
	sum := sha256.Sum256(append([]byte("tierstock key id\n"), of...))
	return hex.EncodeToString(sum[:6])
}
