package access

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer is in every token, as who made it and whom it is for: a token that was signed with the
// same key for something else is none of ours.
const issuer = "tierstock"

// tokenBytesMax bounds what is looked at: a token with a hundred warehouses is a tenth of it.
const tokenBytesMax = 16 << 10

// clockSkew is how far apart the clocks of who signs and who checks may be.
const clockSkew = 30 * time.Second

// ErrToken is a token that is not valid, for whatever reason: what exactly is wrong with it is told
// to nobody who may have made it up.
var ErrToken = errors.New("the token is not valid")

// Everywhere stands for every warehouse, those made later too.
const Everywhere = "*"

// Principal is who acts: a name, which flows carry, a role, and the warehouses that is good for.
type Principal struct {
	Actor      string
	Role       Role
	Warehouses []string
	// Token names the token, "" for a principal without.
	Token string
}

// Local is whoever asks where nobody has to say who they are: on loopback, without a signing key.
func Local() *Principal {
	return &Principal{Actor: string(Admin), Role: Admin, Warehouses: []string{Everywhere}}
}

// Sees says whether a warehouse is the principal's, whether or not there is one of that code.
func (p *Principal) Sees(warehouse string) bool {
	return slices.Contains(p.Warehouses, Everywhere) || slices.Contains(p.Warehouses, warehouse)
}

// claims are what a token says.
type claims struct {
	Role       Role     `json:"role"`
	Warehouses []string `json:"warehouses"`
	jwt.RegisteredClaims
}

// Sign makes a token for a principal that is good for so long.
func (k *Keys) Sign(principal Principal, ttl time.Duration) (string, error) {
	now := time.Now()
	token := jwt.NewWithClaims(k.first.method, claims{Role: principal.Role,
		Warehouses: principal.Warehouses,
		RegisteredClaims: jwt.RegisteredClaims{Issuer: issuer, Audience: jwt.ClaimStrings{issuer},
			Subject: principal.Actor, ID: rand.Text(), IssuedAt: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(ttl))}})
	token.Header["kid"] = k.first.id
	return token.SignedString(k.first.sign)
}

// Check reads a token. Its error is ErrToken.
func (k *Keys) Check(token string) (*Principal, error) {
	if len(token) > tokenBytesMax {
		return nil, ErrToken
	}
	var said claims
	_, err := jwt.ParseWithClaims(token, &said, k.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg(), jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithIssuer(issuer), jwt.WithAudience(issuer),
		jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew), jwt.WithStrictDecoding())
	if err != nil || !said.Role.known() || len(said.Warehouses) == 0 || said.Subject == "" {
		return nil, ErrToken
	}
	return &Principal{Actor: said.Subject, Role: said.Role, Warehouses: said.Warehouses,
		Token: said.ID}, nil
}

// keyOf finds the key that a token says it was signed with, and only lets it be used for its own
// method: else a public key could be taken for a shared secret.
func (k *Keys) keyOf(token *jwt.Token) (any, error) {
	id, _ := token.Header["kid"].(string)
	key, known := k.byID[id]
	if !known || key.method != token.Method {
		return nil, fmt.Errorf("no key %q for %s", id, token.Method.Alg())
	}
	return key.check, nil
}
