# The short way to everything: `make run` starts a broker, `make test` runs every test. All work is CMake's (CMakePresets.json).
JOBS ?= $(shell nproc)
ARGS ?=
DATA_DIR ?= var/leveret
FUZZ_SECONDS ?= 1200
SOAK_SECONDS ?= 600
PRESET ?= asan
CRASH_KILLS ?= 500
CRASH_CUTS ?= 50
SEED ?= 1
ROUNDS ?= 3
SECONDS_EACH ?= 3
SHAPES ?=

.DEFAULT_GOAL := help
.PHONY: help run build deb test-deb test-image test asan tsan fuzz fuzz-coverage stateful soak flood crash compare compare-rabbitmq \
	format clean deps test-deps package-deps

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

test-image: ## Build docker/Dockerfile with buildah, start the image, use and stop it; needs root
	@.ci/install-deps image
	tests/packaging/image_test.sh

test: test-deps ## Build everything and run every test
	@cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS)
	ctest --preset release -j $(JOBS)

asan tsan: test-deps ## Unit and integration tests under a sanitizer
	@cmake --preset $@ >/dev/null
	cmake --build --preset $@ -j $(JOBS)
	ctest --preset $@ -j $(JOBS)

fuzz: test-deps ## Run every fuzz target for FUZZ_SECONDS (1200)
	@cmake --preset release >/dev/null
	FUZZ_SECONDS=$(FUZZ_SECONDS) ctest --preset release -L fuzz -j $(JOBS)

fuzz-coverage: test-deps ## How much of protocol/ the fuzz corpora and unit tests reach
	tests/fuzz/coverage

stateful: SEQUENCES ?= 2000
stateful: build ## SEQUENCES (2000) random sequences of AMQP from SEED (1) against a model of the broker
	tests/interop/run --broker build/release/bin/leveret --timeout 36000 -- \
	    /usr/bin/python3 -B tests/stateful/play.py --sequences $(SEQUENCES) --seed $(SEED)

soak: test-deps ## Everything at once for SOAK_SECONDS (600) under ASan and UBSan, or TSan with PRESET=tsan
	@cmake --preset $(PRESET) >/dev/null
	cmake --build --preset $(PRESET) -j $(JOBS) --target leveret
	/usr/bin/python3 -B tests/soak/soak.py --broker build/$(PRESET)/bin/leveret --seconds $(SOAK_SECONDS)

flood: test-deps build ## Slow, silent, vanishing and endless clients, slow disks, wrong clocks, testssl.sh; needs root
	@set -e; for program in peers slowloris churn slow_disk clocks memory testssl; do echo "== $$program"; \
	    /usr/bin/python3 -B tests/flood/$$program.py --broker build/release/bin/leveret; done

crash: test-deps ## kill -9 CRASH_KILLS (500) times under load, cut the power CRASH_CUTS (50) times, flip 2,000 bits
	@cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS) --target leveret crash_damage no_sync
	LEVERET_FLIPS=500 build/release/bin/crash_damage
	/usr/bin/python3 -B tests/crash/chaos.py --broker build/release/bin/leveret --rounds $(CRASH_KILLS) --batch 50
	/usr/bin/python3 -B tests/crash/chaos.py --broker build/release/bin/leveret --crash power --rounds $(CRASH_CUTS) \
		--batch 25 || test $$? -eq 77
	build=$$(find build/release -name libno_sync.so) && \
		/usr/bin/python3 -B tests/crash/chaos.py --broker build/release/bin/leveret --crash power --rounds 5 --control $$build || \
		test $$? -eq 77

compare: build ## Measure Debian's rabbitmq-server and ours, ROUNDS (3) of SECONDS_EACH (3); writes docs/BENCHMARKS.md
	cmake --build --preset release -j $(JOBS) --target leveret-perf leveret-relay
	/usr/bin/python3 -B bench/compare.py --rounds $(ROUNDS) --seconds $(SECONDS_EACH) $(if $(SHAPES),,--document) $(SHAPES)

compare-rabbitmq: SEQUENCES ?= 200
compare-rabbitmq: build ## SEQUENCES (200) random sequences from SEED (1), and HTTP requests, on Debian's rabbitmq-server and on ours
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
