// Package access says who may do what: it reads signing keys, signs and checks bearer tokens, and
// knows the roles. Where it is asked is the API's.
package access
