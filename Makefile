# Thin on purpose: what a target does is in package.json, and runs there by `npm run` too.
RUN = scripts/install.sh && npm run --silent

.PHONY: start dev install test test_browser test_citus lint format bench drill sabotage verify load_smoke \
	load_test load_test_gui load_test_datapipe_gui load_limit

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

lint: ## style, correctness rules and types
	@$(RUN) lint

format: ## rewrite files in the house style
	@$(RUN) format

bench: ## the figures of the README; ENGINE=postgres for those on PostgreSQL
	@$(RUN) bench -- $(if $(ENGINE),--engine $(ENGINE))

load_smoke: ## a few seconds of load, and every answer checked against the store
	@$(RUN) load_smoke

# HOST=http://… names a service that runs already; without it the lab starts one. ARGS are more options (ARGS=--help).
load_test: ## 1,000 users check its health for a minute; fails when a limit is broken
	@$(RUN) load_test -- $(ARGS)

load_test_gui: ## the lab's page at http://localhost:8089, for health checks
	@$(RUN) load_test_gui -- $(ARGS)

load_test_datapipe_gui: ## the same for the whole pipeline: an order, then its page
	@$(RUN) load_test_datapipe_gui -- $(ARGS)

load_limit: ## the highest rate of orders and their pages at which p99 ≤ 50 ms and errors ≤ 0.1 %
	@$(RUN) load_limit -- $(ARGS)

drill: ## every fault during load, then 200 rounds of kill -9 and others
	@$(RUN) drill

sabotage: ## break the code on purpose and see the tests notice
	@$(RUN) sabotage

verify: ## recount the shop from its orders
	@$(RUN) verify
