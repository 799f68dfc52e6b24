# The project's commands by the names that make's users expect. Each is one line and works by itself; README.md tells more.

.PHONY: run test check bench fuzz image

run: ## the service, on embedded defaults
	cargo run --release

test: ## every test
	scripts/test

check: ## what a change must pass: lints, docs, infrastructure, every test
	.ci/run

bench: ## the benchmarks
	cargo bench

fuzz: ## redaction with made-up text; needs cargo-fuzz and a nightly Rust
	cargo fuzz run redact

image: ## the container image
	docker build -t switchboard .
