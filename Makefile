# Pasaj. `make help` lists what there is to make.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A Node that .ci/install put into the user's cache comes first, where the
# system's is too old.
export PATH := $(shell .ci/install path)

ARGS     ?=          # of `make run`: flags of pasaj serve
PACKAGES ?= ./...    # of test, bench and fuzz
FUZZTIME ?= 30s      # for each fuzz target
BENCH    ?= .        # which benchmarks
ROUNDS   ?= 50       # of the crash test
SUMMARY  ?=          # file that gets the last line of `make test`

# Git may refuse to answer in a checkout of another user's; then the binary
# goes without its revision.
BUILD_REVISION := $(shell git status >/dev/null 2>&1 && echo auto || echo false)

# What the client is built from; the stamps lie where git does not look.
CLIENT_SOURCES := $(shell find frontend \( -name node_modules -o -path frontend/dist \) -prune -o -type f ! -name '*.go' -print 2>/dev/null)
CLIENT_MODULES := frontend/node_modules/.pasaj-installed
CLIENT_BUILT   := frontend/node_modules/.pasaj-built
# A build that somebody removed is made again.
ifeq (,$(wildcard frontend/dist/index.html))
.PHONY: $(CLIENT_BUILT)
endif

.PHONY: help run build modules test check types bench fuzz soak client client-report install

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## install what is missing, build, and start the service (SKIP_CLIENT=1: without the map page; ARGS: flags of serve)
	@.ci/install run
	@$(MAKE) build
	@exec bin/pasaj serve $(ARGS)

build: ## build the client, where there is Node, and bin/pasaj
	@if [ "$${SKIP_CLIENT:-}" = 1 ]; then \
		echo "Leaving the map page as it is (SKIP_CLIENT=1)."; \
	elif .ci/install node; then \
		$(MAKE) client || echo "The map page could not be built: going on without." >&2; \
	else \
		echo "No Node 20.19 or newer: going on without the map page." >&2; \
	fi
	@echo "Building bin/pasaj ...$(if $(wildcard bin/pasaj),, (the first time takes some minutes))"
	@CGO_ENABLED=0 go build -trimpath -buildvcs=$(BUILD_REVISION) -o bin/pasaj ./cmd/pasaj

client: $(CLIENT_BUILT) ## build the map page into frontend/dist
	@:

$(CLIENT_MODULES): frontend/package.json frontend/package-lock.json
	@echo "Fetching the client's modules ..."
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENT_BUILT): $(CLIENT_MODULES) $(CLIENT_SOURCES)
	@echo "Building the client ..."
	@cd frontend && npm run build --silent -- --logLevel warn
	@touch $@

test: ## install what is missing, then run all tests; ends with "N passed, N failed"
	@.ci/install test
	@report=$$(mktemp); trap 'rm -f "$$report"' EXIT; client=; \
	if [ "$${SKIP_CLIENT:-}" != 1 ]; then \
		$(MAKE) client-report REPORT="$$report"; \
		client="-client $$report"; \
	fi; \
	echo "Vetting ..."; \
	go vet $(PACKAGES); \
	echo "Testing ..."; \
	CGO_ENABLED=1 go test -race -shuffle=on -vet=off -timeout 20m -json $(PACKAGES) | \
		go run .ci/count.go $$client $(if $(strip $(SUMMARY)),-summary $(SUMMARY))

check: ## formatting, types and all tests (the test of the architecture is one of them)
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; fi
	@$(MAKE) test
	@if [ "$${SKIP_CLIENT:-}" != 1 ]; then $(MAKE) types; fi

modules: $(CLIENT_MODULES)
	@:

# A make of its own, so that it finds a Node that was installed just before.
client-report: $(CLIENT_MODULES)
	@echo "Testing the client ..."
	@(cd frontend && npx --no-install vitest run --silent --reporter=json --outputFile="$(REPORT)" >/dev/null 2>&1) || true

types: $(CLIENT_MODULES) ## check the client's types
	@cd frontend && npx --no-install tsc --noEmit

bench: ## run the benchmarks (BENCH: which; PACKAGES: where)
	@.ci/install run
	go test -p 1 -run '^$$' -bench '$(strip $(BENCH))' -benchmem -timeout 60m $(PACKAGES)

fuzz: ## run every fuzz target for FUZZTIME (30s)
	@.ci/install run
	@go test -list '^Fuzz' $(PACKAGES) | \
		awk '/^Fuzz/ { names[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, names[i] } !/^Fuzz/ { n = 0 }' | \
		while read -r package target; do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
		done

soak: ## the full crash tests: kill the service and PostgreSQL ROUNDS (50) times, an outage of 60 s, killed clients
	@.ci/install test
	CGO_ENABLED=1 go test -race -count=1 -run '^Test(Soak|Outage|KilledClients)$$' -timeout 4h -v ./cmd/pasaj \
		-args -soak.rounds=$(strip $(ROUNDS)) -outage.seconds=60

install: ## install what `run` and `test` need: PostgreSQL with PostGIS, Node, a C compiler
	@.ci/install test
