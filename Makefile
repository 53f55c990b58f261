# make help says what there is.

.DEFAULT_GOAL := help
.PHONY: help demo build test check bench clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build the sample warehouse, replay its orders, then serve it on 127.0.0.1:8080
	go run ./cmd/tierstock demo

build: ## build bin/tierstock
	go build -trimpath -o bin/tierstock ./cmd/tierstock

test: ## run all tests with a private MariaDB and Chromium (ARGS goes to go test, as in ARGS='-run Lease ./store/')
	@scripts/test.sh $(ARGS)

bench: ## measure the engine beside its rivals into docs/benchmarks (ARGS goes to tierstock bench)
	@scripts/bench.sh $(ARGS)

check: ## what CI runs beside the tests: format, vet, lint, known vulnerabilities
	@scripts/check.sh

clean: ## remove what the above made
	rm -rf bin tierstock.db tierstock.db-wal tierstock.db-shm
