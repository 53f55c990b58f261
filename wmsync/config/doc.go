// Package config reads the systems to sync with from the configuration file: the list below
// systems:, as docs/systems.md describes it. It is taken as a whole or not at all, with all that
// is wrong told at once, each with its line and what to do. Secrets are only named in the file;
// they are read here, and no error says what they are.
package config
