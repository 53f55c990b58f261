package bench

import "context"

const growthFirst = 100_000

func growthSizes(int64) []int64                               { return nil }
func runGrowth(ctx context.Context, b *bench) ([]Cell, error) { return nil, nil }

var overloadShares = []int{}

func runOverload(ctx context.Context, b *bench) ([]Cell, error) { return nil, nil }

const apiLinesMost = 100
