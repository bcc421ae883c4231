# Every target does its own set-up from nothing, and is quick about it the second time.
.DEFAULT_GOAL := help
.PHONY: help demo lab test check bench view clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: .venv/.demo-is-ready view ## run notebooks/quickstart.ipynb here, without a browser
	.venv/bin/python scripts/demo.py

lab: .venv/.lab-is-ready view ## open the quickstart in JupyterLab
	scripts/lab

test: ## check everything, run all tests
	scripts/setup-tests
	$(MAKE) --no-print-directory view
	scripts/check
	scripts/test

check: .venv/.dev-is-ready view ## rules, format and types only
	scripts/check

bench: .venv/.dev-is-ready view ## measure, each figure beside its peer
	.venv/bin/python -m tests.bench

clean: ## remove what was built, the demo's home included
	rm -rf .venv .demo dist labextension/node_modules labextension/build labextension/prebuilt jupyter_ext/monitor/static

view:
	@python3 scripts/build_view.py

.venv/.%-is-ready: pyproject.toml scripts/setup scripts/install.py
	scripts/setup $*
