# All commands of a developer, each with one line on what it does; CONTRIBUTING.md has the details.

NODES ?= 5
PODS ?= 4

.DEFAULT_GOAL := help
.PHONY: help build demo bench bench-micro up down parts parts-engines parts-clients test test-faults test-engines test-clients soak e2e verify vulncheck image sbom update fuzz clean

help: ## Show these targets.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the server into bin/.
	hack/build.sh bin/plimsoll -ldflags "$$(hack/stamp.sh)"

demo: ## Bring up a control plane, see kubectl top and an autoscaler work with Plimsoll's usage, take all down.
	hack/cluster.sh demo

bench: ## Compare the cost of Plimsoll with that of metrics-server on one cluster. NODES=1000 PODS=30 by default; BENCH=--markdown gives it flags.
	hack/cluster.sh bench --nodes=$(if $(filter file,$(origin NODES)),1000,$(NODES)) --pods=$(if $(filter file,$(origin PODS)),30,$(PODS)) $(BENCH)

bench-micro: ## Benchmark decoding, the store, encoding and scraping, with allocation counts and bytes kept.
	go test -run '^$$' -bench . -benchmem ./pkg/cluster ./pkg/decode ./pkg/encode ./pkg/store ./pkg/registry/... ./pkg/apiserver
	go test -run '^$$' -bench . -benchtime 600x ./test/bench/scrapecost

up: ## Leave a cluster with Plimsoll running. NODES=100 PODS=30 sizes it, PODS is per node.
	hack/cluster.sh up --nodes=$(NODES) --pods=$(PODS)

down: ## Take down what make up started.
	hack/cluster.sh down

parts: ## Build the parts of the control plane that are not in the cache yet.
	hack/cluster.sh parts

parts-engines: ## Build the engines that the tests of sinks and sources use: Prometheus, VictoriaMetrics, an OpenTelemetry Collector, Thanos. Unpack Debian's InfluxDB.
	hack/cluster.sh parts-engines

parts-clients: ## Build the clients that the tests of clients use: the Vertical Pod Autoscaler, the descheduler, k9s. Fetch Debian's kubectl and npm's client.
	hack/cluster.sh parts-clients

test: parts ## Run the unit tests with the race detector, then the tests on a real control plane.
	hack/test.sh plain unit integration

test-faults: parts ## Let kubelets, clients and the world misbehave. FULL=1 takes 100 minutes, and writes the tables of docs/reliability.md; CONTINUE=1 MINUTES=10 does so in pieces.
	$(if $(FULL),$(if $(CONTINUE),,rm -rf $(PLIMSOLL_REPORT)))
	hack/test.sh faults
	$(if $(FULL),hack/cluster.sh report $(PLIMSOLL_REPORT) docs/reliability.md)

# The rows that the full form measures; none are kept of the short form.
test-faults: export PLIMSOLL_REPORT := $(if $(FULL),$(CURDIR)/dist/reliability)

test-engines: parts parts-engines ## Write to real engines, and serve usage out of them. FULL=1 is the full form.
	hack/test.sh engines

test-clients: parts parts-clients ## Have real clients read the API: kubectl, an old kubectl, k9s, the Vertical Pod Autoscaler, the descheduler, the JavaScript client. FULL=1 takes 25 minutes.
	hack/test.sh clients

soak: parts ## Let random faults of a printed seed happen for half an hour. SEED, NODES, PODS, MINUTES and RESOLUTION change it.
	hack/test.sh soak

e2e: ## Run Plimsoll on a real kubelet, containerd and runc. Needs root and some packages; prints which are missing.
	hack/cluster.sh check
	hack/test.sh e2e

verify: ## Check format, vet, lint, generated code, the --help text, manifests, links, what the linker keeps and the bill of materials.
	hack/verify.sh

vulncheck: ## Look up the server in the database of known vulnerabilities. VULNDB=file:///FOLDER names another database.
	hack/vulncheck.sh

image: ## Build the container image into dist/.
	hack/image.sh

sbom: build ## Write the bill of materials of bin/plimsoll into dist/, in CycloneDX.
	hack/sbom.sh bin/plimsoll dist/plimsoll.cdx.json

update: ## Generate the OpenAPI definitions and the golden files again.
	hack/update-openapi.sh
	go test ./cmd/plimsoll/app ./pkg/apiserver ./pkg/decode ./test/framework/fleet ./test/scenario ./manifests -update

fuzz: ## Run each fuzz test for a minute: decoders, the list of pods, flags and sources, selectors, the responses.
	hack/fuzz.sh 1m

clean: ## Remove what was built here. The cache of parts stays.
	rm -rf bin dist
