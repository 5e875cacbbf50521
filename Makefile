# Logic is in scripts/, this is the list of verbs. `make help` prints the text after ##.
PYTHON ?= python3
VERB = @"$(PYTHON)" -m scripts

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-unit test-integration lint bench core-tests shell db i18n stop clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r verb text; do printf '  make %-17s %s\n' "$$verb" "$$text"; done

setup: ## Odoo 19, Python packages and tools, into .local (ODOO_PATH=… uses an Odoo of yours)
	$(VERB) setup

demo: ## Odoo with demo data and our addons on http://localhost:8069 (PORT=…)
	$(VERB) demo

test: ## everything that CI runs: lint, unit, addons with tours, integration (TOURS=0: without a browser)
	$(VERB) test

test-unit: ## formulas only: no Odoo, no database, under 2 s
	$(VERB) test-unit

test-integration: ## across addons, over a running server (K=… selects tests by name)
	$(VERB) test-integration

lint: ## style, manifests, translations, forbidden strings
	$(VERB) lint

bench: ## timings against Odoo, OCA and plain SQL, written to benchmarks/results.json (N=… customers, CASE=… by name)
	$(VERB) bench

core-tests: ## Odoo's own tests with our addons installed: TAGS=/sale:TestSaleOrder,… (BASELINE=1: without ours)
	$(VERB) core-tests

shell: ## Odoo's shell on a database, or what is piped into it: NAME=demo
	$(VERB) shell

db: ## a database of your own: NAME=x [DEMO=1] [ADDONS=crm_credit,…]
	$(VERB) db

i18n: ## bring the templates of terms and the Chinese catalogues up to date with the code
	$(VERB) i18n

stop: ## end the servers that were started here
	$(VERB) stop

clean: ## stop, and remove everything that was made (.local)
	$(VERB) clean
