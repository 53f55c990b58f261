package sample

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the sample orders come with the program
)

//go:embed superstore/orders-2014-2016.csv.gz
var packedOrders []byte

// History is the sample's own orders, three years of them, by date. Where they come from is in
// superstore/README.md.
func History() ([]OrderLine, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packedOrders))
	if err != nil {
		return nil, err
	}
	return ReadOrders(unpacked)
}
