# Thin on purpose: what a target does is in package.json, and runs there by `npm run` too.
RUN = scripts/install.sh && npm run --silent

.PHONY: help start dev install test test_browser test_citus test_image test_lake test_lake_spark test_bigquery test_monitoring test_openapi lint lint_workflows format dist sbom docs licences scan deploy bench bench_import bench_lake bench_order_list drill sabotage verify load_smoke \
	load_test load_test_gui load_test_datapipe_gui load_limit

help: ## this list
	@awk -F ':.*## ' '/^[a-z_]+:.*##/ {printf "%-24s %s\n", $$1, $$NF}' $(MAKEFILE_LIST)

start: ## install what is missing, create the database, serve at http://localhost:5000
	@scripts/install.sh && exec scripts/run.sh src/cli/cli.ts serve

dev: ## the same, restarted on every change
	@$(RUN) dev

install: ## install what the lockfile pins
	@scripts/install.sh

test: ## everything that needs npm alone
	@$(RUN) test

test_browser: ## journeys through a real Chromium
	@$(RUN) test:browser

test_citus: ## the engine contract on a Citus cluster; CITUS_BIN=… names a PostgreSQL that has Citus
	@$(RUN) test:citus

test_lake: ## the tables of the lake with delta-rs, DuckDB and Polars; SEED=… RUNS=…
	@$(RUN) test:lake

test_bigquery: ## loads into an emulator of BigQuery
	@$(RUN) test:bigquery

test_lake_spark: ## the tables of the lake with Spark, in a folder and in HDFS; needs Java 17 and Maven
	@$(RUN) test:lake:spark

test_monitoring: ## alerts and dashboard with a real Prometheus and a real service
	@$(RUN) test:monitoring

test_openapi: ## the OpenAPI document against the running service, by schemathesis; SEED=… EXAMPLES=…
	@$(RUN) test:openapi

test_image: ## build the Dockerfile and run it as a container without rights; as root, on Debian
	@$(RUN) test:image

lint: ## style, correctness rules and types
	@$(RUN) lint

lint_workflows: ## the workflows and shell scripts, by actionlint, zizmor and shellcheck
	@$(RUN) lint:workflows

format: ## rewrite files in the house style
	@$(RUN) format

dist: ## the one executable for every platform, into dist/; PLATFORMS=linux-x64 for some
	@$(RUN) dist

sbom: ## the parts of the executable, to dist/sbom.cdx.json (CycloneDX)
	@$(RUN) sbom

docs: ## write .env.example, docs/CONFIGURATION.md, docs/openapi.json and the tables in docs/LAKE.md from their declarations
	@$(RUN) docs

licences: ## the licences of all packages in the executable, to docs/THIRD-PARTY-LICENCES.md
	@$(RUN) licences

scan: ## known weaknesses of the runtime dependencies, by the npm registry
	@$(RUN) scan

deploy: ## to Azure: staging slot, smoke test, swap, and back on failure; RESOURCE_GROUP=… WEBAPP=… IMAGE=…@sha256:… COMMIT=…
	@$(RUN) deploy

bench: ## the figures of docs/BENCHMARKS.md; ENGINE=postgres for those on PostgreSQL
	@$(RUN) bench -- $(if $(ENGINE),--engine $(ENGINE))

load_smoke: ## a few seconds of load, with every answer checked against the store
	@$(RUN) load_smoke

# HOST=http://… names a service that runs already; without it the lab starts one. ARGS are more options (ARGS=--help).
load_test: ## 1,000 users check the service's health for a minute; fails when a limit is broken
	@$(RUN) load_test -- $(ARGS)

load_test_gui: ## the lab's page at http://localhost:8089, for health checks
	@$(RUN) load_test_gui -- $(ARGS)

load_test_datapipe_gui: ## the same for the whole pipeline: an order, then its page
	@$(RUN) load_test_datapipe_gui -- $(ARGS)

load_limit: ## the highest rate of orders and their pages at which p99 ≤ 50 ms and errors ≤ 0.1 %
	@$(RUN) load_limit -- $(ARGS)

bench_import: ## how long lists of 10,000 to 1,000,000 products take to import, how much memory, and how long orders beside; SIZES=10000
	@$(RUN) bench_import -- $(if $(ENGINE),--engine $(ENGINE)) $(if $(SIZES),--sizes $(SIZES))

bench_lake: ## what the lake costs orders, and how soon they can be read there; ENGINE=postgres, RATE=5000 orders a second, SECONDS_EACH=60
	@$(RUN) bench_lake -- $(if $(ENGINE),--engine $(ENGINE)) $(if $(RATE),--rate $(RATE)) $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))

bench_order_list: ## how long each filter of the list of orders takes at 1,000,000 orders, and its plan; ENGINE=postgres for PostgreSQL
	@$(RUN) bench_order_list -- $(if $(ENGINE),--engine $(ENGINE)) $(ARGS)

drill: ## every fault during load, then 200 rounds of kill -9 and others
	@$(RUN) drill

sabotage: ## break the code on purpose and see the tests notice
	@$(RUN) sabotage

verify: ## recount the shop from its orders
	@$(RUN) verify
