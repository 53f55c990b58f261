// Package archive is the files that old flows go to: gzip of JSON lines, one file for each run and
// warehouse. What goes there and when is flow's to say.
package archive
