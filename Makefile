.DEFAULT_GOAL := help
.PHONY: help setup run start test test-browser soak conformance check check-code check-infra record-histories bench lock
BIN := .venv/bin

help:
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: .venv/.installed ## The virtual environment, from nothing

.venv/.installed: requirements.txt requirements-dev.txt
	@python=$$(sh .ci/find-python) && echo "Installing into .venv with $$python" && "$$python" -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: setup ## One run, shown as it happens (ALERT=<name> or ALL=1: with a refresh; JSON=1: the result as JSON)
	@$(BIN)/python -m emulator run $(if $(ALERT),--alert "$(ALERT)") $(if $(ALL),--all) $(if $(JSON),--json)

start: setup ## The emulator at http://127.0.0.1:7071 until Ctrl-C
	@$(BIN)/python -m emulator start

test: setup ## Every test, a file of them to a process
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-browser: setup .venv/.browser ## The pages in Debian's Chromium, which is installed when there is none
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qqy chromium; }
	@$(BIN)/python -m pytest tests/browser

.venv/.browser: .venv/.installed requirements-browser.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	@touch $@

soak: setup ## BURST=2000 runs at once, then RATE=20 a second for MINUTES=10, a tenth of all answers faulty
	@$(BIN)/python -m tests.soak $(if $(MINUTES),--minutes "$(MINUTES)") $(if $(RATE),--rate "$(RATE)") $(if $(BURST),--burst "$(BURST)") $(if $(SEED),--seed "$(SEED)")

conformance: setup ## Hold a host of tests/conformance/app to the measured facts (HOST=http://… KEY=… SYSTEM_KEY=…)
	@: $(foreach name,HOST KEY SYSTEM_KEY,$(if $($(name)),,$(error Give $(name)=)))
	@$(BIN)/python -m tests.conformance "$(HOST)" "$(KEY)" "$(SYSTEM_KEY)" $(if $(MASTER_KEY),--master-key "$(MASTER_KEY)") $(if $(HARM),--harm) $(if $(FACTS),--facts "$(FACTS)")

check: check-code check-infra ## Format, lint, types, import direction, Bicep, shell scripts, KQL

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
	@.venv-infra/bin/shellcheck infra/*.sh .ci/find-python .ci/run
	@.venv-infra/bin/node infra/queries/check.mjs
	@$(BIN)/python -m pytest -q tests/queries

.venv-infra/.installed: infra/requirements.txt
	@python=$$(sh .ci/find-python) && echo "Installing into .venv-infra with $$python" && "$$python" -m venv --clear .venv-infra
	@.venv-infra/bin/python -m pip install --quiet --disable-pip-version-check -r infra/requirements.txt
	@touch $@

infra/queries/node_modules/.installed: .venv-infra/.installed infra/queries/package-lock.json
	@cd infra/queries && PATH="$(CURDIR)/.venv-infra/bin:$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

record-histories: setup ## Histories of the present version, for later ones to replay; what is recorded stays
	@$(BIN)/python -m tests.histories.recording

bench: setup ## Cost, polling, cold start, many runs at once (PARTS="polling cost cold_start runs")
	@$(BIN)/python -m benchmarks $(PARTS)

lock: setup ## Pin what pyproject.toml asks for, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.13 --generate-hashes --no-header -q -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.txt --universal --python-version 3.13 --generate-hashes --no-header -q -o requirements-dev.txt
	@$(BIN)/uv pip compile --group browser -c requirements-dev.txt --universal --python-version 3.13 --generate-hashes --no-header -q -o requirements-browser.txt
	@$(BIN)/uv pip compile --group infra --universal --python-version 3.13 --generate-hashes --no-header -q -o infra/requirements.txt
