package access

import "slices"

// Role is what a principal does for a living.
type Role string

// The roles. An auditor reads only.
const (
	Ops       Role = "OPS"
	Allocator Role = "ALLOCATOR"
	Sync      Role = "SYNC"
	Auditor   Role = "AUDITOR"
	Admin     Role = "ADMIN"
)

// Roles are all of them.
var Roles = []Role{Ops, Allocator, Sync, Auditor, Admin}

func (r Role) known() bool { return slices.Contains(Roles, r) }
