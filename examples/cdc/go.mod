module tierstock/examples/cdc

go 1.26.0

require (
	github.com/dolthub/vitess v0.0.0-20260304224106-95dd8eda10b0
	github.com/shopspring/decimal v1.6.0
)

require (
	golang.org/x/sys v0.48.0 // indirect
	google.golang.org/genproto v0.0.0-20230410155749-daa745c078e1 // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
