package sourcing

import (
	"context"

	"tierstock/flow"
	"tierstock/model"
)

// Allocator is how a part is reserved.
type Allocator = func(context.Context, flow.Mode, model.Wave) ([]model.OrderResult, error)

// Between puts something between the service and the allocation of each part.
func (s *Service) Between(wrap func(Allocator) Allocator) { s.allocate = wrap(s.allocate) }
