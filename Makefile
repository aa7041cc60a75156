.DEFAULT_GOAL := help
.PHONY: bench bench-quick build check demo generate help mutate prove test test-clients

TOOL := go tool -modfile=tools/go.mod

# SQLite is C translated to Go: its memory is not Go's, so the race detector
# finds nothing in it, yet takes minutes to compile it.
NORACE := -race=false -d=checkptr=0
RACE := -race -gcflags='modernc.org/sqlite/lib=$(NORACE)' -gcflags='modernc.org/libc=$(NORACE)'

BENCH := go run ./internal/testkit/postgres bin/conversion bench

bench: build ## measure this machine: loads, cycles, pushes, latency, the API, each beside its floor
	$(BENCH) --people 100000,1000000 --json bench.json

bench-quick: build ## the same on a small org, in a few minutes
	$(BENCH) --people 10000 --edits 1000 --seconds 10 --json bench.json

build: ## build bin/conversion, one static binary
	CGO_ENABLED=0 go build -trimpath -o bin/conversion ./cmd/conversion

check: ## formatting, go vet, lint, generated files fresh
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not gofmt'ed:" $$unformatted; exit 1; fi
	go vet ./...
	$(TOOL) golangci-lint run
	$(TOOL) templ generate -check

# A first look should not wait for a compiler: nothing is optimised for it, and the
# compiler collects its garbage seldom.
QUICK := -gcflags='all=-N -l -dwarf=false' -ldflags='-s -w'

demo: ## run Conversion with a simulated Salesforce org
	GOGC=400 CGO_ENABLED=0 go run $(QUICK) ./cmd/conversion demo

generate: ## write the Go files made from templ files
	$(TOOL) templ generate

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

mutate: ## break every decision, durable step and rule, one at a time, and expect a test to notice
	go run ./internal/prove/mutate
	go run ./internal/prove/mutate -rules

# Over a million random histories of both sides, each judged by a model of the contract.
# Every property gets as many; -race would take five times as long and find what the
# tests find.
HISTORIES := 100000

prove: ## a million random histories, a kill at every point, a long life of faults, killed workers, no gap in docs/proof.md
	PROVE=1 go test -count=1 ./docs
	PROVE=1 go test -count=1 -timeout 2h ./internal/engine -run KilledAtAnyPoint
	PROVE=1 go test -count=1 -timeout 6h ./scripts -run LifeFullOfFaults
	PROVE=1 go test -count=1 -timeout 2h ./scripts -run WorkersThatAreKilled
	go test -count=1 -timeout 12h ./internal/prove -rapid.checks=$(HISTORIES) -rapid.seed=0 -v

# -count=1: the scenarios build the binary themselves, which the cache of test results
# does not know of.
test: ## install what the tests need, then run them all
	@internal/testkit/install.sh
	@go test $(RACE) -count=1 -timeout 25m -p 2 ./...

# A module of its own: what the clients need is no dependency of the product.
CLIENTS := internal/sandbox/clients

test-clients: ## install real Salesforce clients and run them against the sandbox
	@internal/testkit/install.sh npm
	cd $(CLIENTS) && npm ci --ignore-scripts
	cd $(CLIENTS) && go vet . && go test -count=1 -timeout 15m .
