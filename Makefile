.DEFAULT_GOAL := help
.PHONY: help setup run start demo test test-browser soak conformance check check-code check-infra record-histories bench lock
BIN := .venv/bin
PIN := $(BIN)/uv pip compile --universal --python-version 3.13 --generate-hashes --no-header -q

# The targets with two # are listed, in this order.
help:
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv/.run ## A run as it happens (ALERT=<name>, ALL=1, JSON=1, DOCTOR=1)
	@$(BIN)/python -m emulator run $(if $(ALERT),--alert "$(ALERT)") $(if $(ALL),--all) $(if $(DOCTOR),--doctor) $(if $(JSON),--json)

# With the real Graph, the settings may ask for telemetry.
start: $(if $(GRAPH),setup,.venv/.run) ## The app and its pages until Ctrl-C (PORT=7072, ARGS=--help)
	@$(BIN)/python -m emulator start $(if $(PORT),--port "$(PORT)") $(if $(GRAPH),--graph "$(GRAPH)") $(ARGS)

demo: .venv/.run ## One run meets a 429 and a killed host (PORT=7072, ONCE=1)
	@$(BIN)/python -m emulator demo $(if $(PORT),--port "$(PORT)") $(if $(ONCE),--once)

setup: .venv/.installed ## All that tests, checks and an editor need, into .venv

# The first of two layers: what `make run` needs. The second keeps it.
.venv/.run: requirements-run.txt
	@python=$$(sh .ci/find-python) && "$$python" -m venv --clear .venv
	@sh .ci/install .venv requirements-run.txt "100 MB" "about 20 seconds"
	@touch $@

.venv/.installed: .venv/.run requirements.txt requirements-dev.txt
	@sh .ci/install .venv requirements-dev.txt "300 MB" "about 30 seconds"
	@touch $@

# Three for two cores: a test waits as long as it computes.
test: setup ## Every test, a file of them to a process
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile

test-browser: setup .venv/.browser ## The pages in Chromium, installed when there is none
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qqy chromium; }
	@$(BIN)/python -m pytest tests/browser

.venv/.browser: .venv/.installed requirements-browser.txt
	@sh .ci/install .venv requirements-browser.txt "170 MB" "about 10 seconds"
	@touch $@

# BURST=2000 runs at once, then RATE=20 a second for MINUTES=10, a tenth of all answers faulty.
soak: setup ## Thousands of runs among failures, for MINUTES=10
	@$(BIN)/python -m tests.soak $(if $(MINUTES),--minutes "$(MINUTES)") $(if $(RATE),--rate "$(RATE)") $(if $(BURST),--burst "$(BURST)") $(if $(SEED),--seed "$(SEED)")

# Hold a host of tests/conformance/app to the measured facts: HOST=http://… KEY=… SYSTEM_KEY=…
conformance: setup
	@: $(foreach name,HOST KEY SYSTEM_KEY,$(if $($(name)),,$(error Add $(name)=…: make conformance HOST=http://… KEY=… SYSTEM_KEY=…)))
	@$(BIN)/python -m tests.conformance "$(HOST)" "$(KEY)" "$(SYSTEM_KEY)" $(if $(MASTER_KEY),--master-key "$(MASTER_KEY)") $(if $(HARM),--harm) $(if $(FACTS),--facts "$(FACTS)")

check: check-code check-infra ## Format, lint, types, Bicep, shell scripts, queries

# Format, lint, types, import direction, what is unsafe.
check-code: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive .
	@$(BIN)/zizmor --offline --quiet --persona pedantic .

# Bicep, shell scripts, KQL: grammars, checkov, shellcheck, types.
check-infra: setup .venv-infra/.installed infra/queries/node_modules/.installed
	@.venv-infra/bin/python infra/check_syntax.py
	@.venv-infra/bin/checkov --config-file infra/.checkov.yaml
	@.venv-infra/bin/shellcheck infra/*.sh .ci/find-python .ci/install .ci/run
	@.venv-infra/bin/node infra/queries/check.mjs
	@$(BIN)/python -m pytest -q tests/queries

.venv-infra/.installed: infra/requirements.txt
	@python=$$(sh .ci/find-python) && "$$python" -m venv --clear .venv-infra
	@sh .ci/install .venv-infra infra/requirements.txt "570 MB" "about a minute"
	@touch $@

infra/queries/node_modules/.installed: .venv-infra/.installed infra/queries/package-lock.json
	@cd infra/queries && PATH="$(CURDIR)/.venv-infra/bin:$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# Histories of the present version, for later ones to replay; what is recorded stays.
record-histories: setup
	@$(BIN)/python -m tests.histories.recording

bench: setup ## Measure (PARTS="polling cost cold_start runs")
	@$(BIN)/python -m benchmarks $(PARTS)

lock: setup ## Pin what pyproject.toml asks for, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(PIN) pyproject.toml --extra telemetry -o requirements.txt
	@$(PIN) pyproject.toml --extra telemetry --group run --group dev -c requirements.txt -o requirements-dev.txt
	@$(PIN) pyproject.toml --group run -c requirements-dev.txt -o requirements-run.txt
	@$(PIN) --group browser -c requirements-dev.txt -o requirements-browser.txt
	@$(PIN) --group infra -o infra/requirements.txt
