package graphql

import (
	"time"

	"tierstock/allocation"
	"tierstock/flow"
)

// The limits of a request. Each refuses rather than grows.
const (
	// bodyBytesMax holds 250 lines with every field at its longest, in ASCII, or a wave of 5,000 lines
	// in 1,000 orders whose codes are of the usual length; with longer ones it is two waves.
	bodyBytesMax = 512 << 10
	// documentBytesMax is far above any document written by hand or by a generator; values
	// belong into variables.
	documentBytesMax = 64 << 10
	// documentTokensMax keeps the parser's and the validator's work under some milliseconds.
	documentTokensMax = 2000
	// nestingMax is what the introspection query of the usual tools needs. The parser recurses,
	// and a stack that overflows takes the process with it.
	nestingMax = 15
	// aliasesMax stops one field from being asked for many times over.
	aliasesMax = 30
	// mutationFieldsMax bounds the calls of one request: they run one after the other under one
	// deadline.
	mutationFieldsMax = 5
	// linesMax is the contract's limit of lines a call.
	linesMax = flow.LinesMax
	// ordersMax and waveLinesMax are the contract's limits of a wave.
	ordersMax    = allocation.WaveOrdersMax
	waveLinesMax = allocation.WaveLinesMax
	// pageRowsMax is the contract's limit of rows a page.
	pageRowsMax = 200
	// costMax is how many values an answer may be expected to hold: about five megabytes of JSON
	// and half a second of one core. 250 lines with every field of their answers stay below.
	costMax = 150_000
	// listValuesMax bounds a list of codes in a filter: it becomes one statement's IN list.
	listValuesMax = 200
	// refusalsMax is how many wrong values one answer names; the rest can wait for the next try.
	refusalsMax = 20
	// documentsMax bounds the cache of parsed documents. Clients repeat a handful, and each may
	// take some hundred kilobytes.
	documentsMax = 128
	// requestsMax is how many requests are worked on at once, so that their bodies and answers
	// fit into memory. Callers that wait for one commit together are what makes it cheap, so it
	// is generous.
	requestsMax = 1024
	// bodiesBytesMax bounds the bodies of the large requests that are worked on at once, as 192 of
	// the largest: with what is made of them they take a few times as much memory.
	bodiesBytesMax = 96 << 20
	// bodyBytesSmall is what most calls stay below, which the number of requests bounds well enough:
	// so that whoever sends large ones slowly keeps nobody else out.
	bodyBytesSmall = 64 << 10
	// requestTimeMax ends a request before the usual thirty seconds of clients and proxies do,
	// so that the caller is told what is known.
	requestTimeMax = 25 * time.Second
)
