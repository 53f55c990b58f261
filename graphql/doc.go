// Package graphql is the stock engine's GraphQL API: the schema, its resolvers, its limits and
// the HTTP handler. It knows the wording of the contract and nothing of SQL or stock rules.
//
// A request passes these stops, and each of them can refuse it:
//
//	handler    method, media types, size, JSON
//	guard      the document's tokens and nesting, before the parser, which recurses, sees it
//	document   parsing, the operation, static cost, graphql-go's validation; kept in a cache
//	variables  every argument, literal or variable, against the schema, naming line and field
//	execute    graphql-go, whose resolvers call one verb or one reader each
//
// graphql-go is used for parsing, validating, introspection and completing selections. It is not
// used to read values: its scalars coerce, and its refusals echo whole variables. The check in
// variables.go reads them once, strictly, and resolvers get what it read.
package graphql
