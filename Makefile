# The short way to everything: `make run` starts a broker, `make test` runs every test. All work is CMake's (CMakePresets.json).
JOBS ?= $(shell nproc)
ARGS ?=
DATA_DIR ?= var/leveret
FUZZ_SECONDS ?= 30
SEQUENCES ?= 200
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help run build deb test-deb test asan tsan fuzz compare-rabbitmq format clean deps test-deps package-deps

help: ## Show this list
	@sed -n 's/^\([a-z -]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: build ## Build and start the broker on ports 5672 and 15672; ARGS="--set key=value" is passed on
	@echo "Try it, once it listens: curl -u guest:guest http://localhost:15672/api/overview (Ctrl-C stops the broker)"
	build/release/bin/leveret --data-dir $(DATA_DIR) $(ARGS)

build: deps ## Install missing packages and build the broker and leveretctl into build/release
	@cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS) --target leveret leveretctl

deb: package-deps ## Build a Debian package: build/leveret_VERSION_ARCHITECTURE.deb
	@cmake --preset package >/dev/null
	cmake --build --preset package -j $(JOBS)
	cd build/package && cpack

test-deb: deb ## Install, start, upgrade, remove and purge the package, in namespaces of its own; needs root
	tests/packaging/hardening_test.py build/package/bin/leveret build/package/bin/leveret-perf
	tests/packaging/deb_test.sh $$(ls -t build/leveret_*.deb | head -1)

test: test-deps ## Build everything and run every test
	@cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS)
	ctest --preset release -j $(JOBS)

asan tsan: test-deps ## Unit and integration tests under a sanitizer
	@cmake --preset $@ >/dev/null
	cmake --build --preset $@ -j $(JOBS)
	ctest --preset $@ -j $(JOBS)

fuzz: test-deps ## Run every fuzz target for FUZZ_SECONDS (30)
	SECONDS_EACH=$(FUZZ_SECONDS) tests/fuzz/smoke

compare-rabbitmq: build ## The same SEQUENCES (200) random sequences from SEED (1) on Debian's rabbitmq-server and on ours
	/usr/bin/python3 -B tests/compare/compare.py --broker build/release/bin/leveret --sequences $(SEQUENCES) --seed $(SEED)

format: ## Format all C++ sources in place
	git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

clean: ## Remove what was built; data in var/ stays
	rm -rf build

deps:
	@.ci/install-deps build

test-deps:
	@.ci/install-deps build test

package-deps:
	@.ci/install-deps build package
