# The commands of the project. Each command first makes what it needs: a fresh machine with Python >= 3.11 is enough.

# Only starts scripts. The environments have the Python of the deployed functions, if this machine has it.
PYTHON3 ?= python3
LOCAL := $(PYTHON3) -m scripts.local_stack
WEB_CONSOLE := $(PYTHON3) -m scripts.web_console
PYTHON := .venv/bin/python
SAM := .envs/sam/bin/sam
# The file that `make orders` writes and `make replay` reads.
ORDERS ?= orders.jsonl
export PYTHONDONTWRITEBYTECODE := 1
export PATH := $(PATH):$(CURDIR)/.envs/uv/bin

.PHONY: help setup run stop status logs invoke api test oldest check coverage fix format lint types template documents openapi bench build deploy rollback orders replay demo key audit contract console \
	console-dev console-check console-images

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## Make the Python environments
	@$(LOCAL) environments

run: ## Start the whole stack on this machine, or update a running one: make run ZONE=Europe/Paris CURRENCY=EUR
	@$(LOCAL) start $(if $(ZONE),--parameter TimeZone=$(ZONE)) $(if $(CURRENCY),--parameter Currency=$(CURRENCY))

stop: ## Stop the stack and remove its data, log and temporary files
	@$(LOCAL) stop

status: ## Show whether the stack runs
	@$(LOCAL) status

logs: ## Follow the logs of the functions: make logs FUNCTION=credit_points
	@$(LOCAL) logs $(if $(FUNCTION),--function $(FUNCTION)) $(ARGS)

invoke: setup ## Give a function an event: make invoke FUNCTION=credit_points EVENT=events/credit_points.json
	@$(LOCAL) invoke "$(FUNCTION)" $(if $(EVENT),--event $(EVENT))

api: setup ## Serve the API with sam local start-api if Docker runs
	@$(LOCAL) api

test: setup ## Run all tests side by side; the end-to-end and browser tests start a stack of their own
	@$(PYTHON) -m scripts.test_suites $(ARGS)

oldest: setup ## Run the tests that need no stack under older zone data, on the oldest supported Python
	@$(PYTHON) -m scripts.test_suites --oldest $(ARGS)

check: format lint types documents template contract build console-check test oldest ## Run everything that must be green before a change lands

coverage: setup ## Show lines and branches that tests other than the end-to-end tests do not reach
	@$(PYTHON) -m pytest --ignore tests/e2e --ignore tests/console -p no:playwright --numprocesses auto --dist loadfile --cov --cov-report=term

format: setup ## Check the format
	@.venv/bin/ruff format --check --quiet .

fix: setup ## Format, and fix what the linter can
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

lint: setup ## Check with the linter, and the layers with import-linter
	@.venv/bin/ruff check --quiet .
	@.venv/bin/lint-imports --no-logo

types: setup ## Check the types
	@.venv/bin/mypy

documents: setup ## Check that generated documents agree with the code
	@$(PYTHON) -m scripts.documents check

template: setup ## Check the template
	@.venv/bin/cfn-lint template.yaml
	@$(SAM) validate --region us-east-1
	@$(SAM) validate --lint --region us-east-1

openapi: setup ## Make the OpenAPI document, the event schemas and the table of problems
	@$(PYTHON) -m scripts.documents write

contract: setup ## Check the OpenAPI document with linters, and with the clients that three generators make of it
	@$(PYTHON) -m scripts.contract

console: ## Build the web console into functions/console/static
	@$(WEB_CONSOLE) build

console-dev: ## Serve the sources of the console with the API of the running stack
	@$(WEB_CONSOLE) dev $(ARGS)

console-check: ## Check the sources of the console, and that its built files agree with them
	@$(WEB_CONSOLE) check

console-images: setup ## Make the images of docs/console.md again, from a stack of their own
	@mkdir -p docs/images/console
	@LOYALTY_IMAGES=docs/images/console $(PYTHON) -m pytest -q tests/console/test_pages.py

bench: setup ## Compare the product with bare boto3 and with what teams build instead: make bench ARGS="--full --write"
	@$(PYTHON) -m tests.bench $(ARGS)

# uv compiles the layers with the Python of this environment if it is that of the deployed functions.
build: setup ## Build for AWS: functions as they are, wheels and bytecode for the Lambda runtime
	@VIRTUAL_ENV=$(CURDIR)/.envs/sam $(SAM) build
	@$(PYTHON) -m scripts.bytecode .aws-sam/build

deploy: build ## Deploy to AWS, with the settings of samconfig.toml: make deploy ARGS="--config-env dev"
	@$(PYTHON) -m scripts.release $(ARGS)

rollback: setup ## Return a deployed stack to the release before: make rollback ARGS="--config-env dev"
	@$(PYTHON) -m scripts.release --rollback $(ARGS)

orders: setup ## Make a month of a believable shop's orders for make replay: make orders ARGS="--count 500 --seed 2"
	@$(PYTHON) -m scripts.demo.orders $(ORDERS) $(if $(ZONE),--zone $(ZONE)) $(if $(CURRENCY),--currency $(CURRENCY)) $(ARGS)

replay: setup ## Post a shop's orders to the running stack: make replay ORDERS=orders.jsonl
	@$(PYTHON) -m scripts.replay $(ORDERS) $(ARGS)

demo: setup ## Fill the running stack with a believable shop: make demo ARGS="--customers 50"
	@$(PYTHON) -m scripts.demo $(ARGS)

key: setup ## Manage API keys of the running stack: make key ARGS="create --name shop --scopes points:credit,cards:read"
	@set -a; [ -f .local/stack.env ] && [ -z "$$LOYALTY_TABLE" ] && . ./.local/stack.env; $(PYTHON) -m scripts.key $(or $(ARGS),list)

audit: setup ## Verify every card against its ledger: make audit ARGS="--wallet wal_… --parallel 32"
	@set -a; [ -f .local/stack.env ] && [ -z "$$LOYALTY_TABLE" ] && . ./.local/stack.env; $(PYTHON) -m scripts.audit $(ARGS)
