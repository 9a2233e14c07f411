# make lab      open the notebooks
# make test     run every test
# make slides   the notebooks as slides, in build/slides
# make site     the lessons as pages that need no server, in build/site; OFFLINE=1 for one that never asks anybody
# make grading  other graders, in build/grading, for the tests that use them
# make figures  the pictures of the README
# make release  sdist and wheel in dist, each tried in an environment of its own; publishes nothing
# Everything is installed in .venv, here; nothing else on this machine changes.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON := $(BIN)/python
GRADING := build/grading

# uv, as pip, trusts whom the machine trusts.
export UV_SYSTEM_CERTS := 1

.PHONY: lab test fuzz bench lint slides site figures release grading lock clean

lab: $(VENV)/lab.stamp
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB) notebooks/00-start-here.ipynb

# A browser has the processors to itself: beside other tests it is starved.
test: $(VENV)/dev.stamp
ifdef TEST
	$(PYTHON) -m pytest $(TEST)
else
	@status=0; \
	$(PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder \
	    --ignore-glob='*/test_browser*.py' || status=$$?; \
	$(PYTHON) -m pytest tests/test_browser*.py || status=$$?; \
	exit $$status
endif

fuzz: $(VENV)/dev.stamp
	$(PYTHON) -m pytest -m hypothesis --hypothesis-profile=fuzz --timeout=7200 -o faulthandler_timeout=8000 $(TEST)

bench: $(VENV)/dev.stamp
	$(PYTHON) benchmarks/kernel.py
	$(PYTHON) benchmarks/pictures.py
	$(PYTHON) benchmarks/migration.py
	$(PYTHON) benchmarks/lab_latency.py

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/mypy

slides: $(VENV)/dev.stamp
	$(PYTHON) tools/notebooks.py --slides

site: $(VENV)/dev.stamp
	$(PYTHON) tools/pages --lite $(if $(filter-out 0,$(OFFLINE)),--offline)

grading: $(GRADING)/stamp

figures: $(VENV)/dev.stamp
	$(PYTHON) tools/figures.py

release: $(VENV)/dev.stamp
	$(PYTHON) tools/release.py

lock: | $(PYTHON)
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras \
	    --no-header --no-emit-index-url pyproject.toml --output-file requirements.lock
	$(PYTHON) tools/environment.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# `lab.stamp` installs the extra `lab`, `dev.stamp` the extra `dev`, in the versions of the lock: by uv, which takes
# seconds, or by pip.
$(VENV)/%.stamp: export PIP_CONSTRAINT      := requirements.lock
$(VENV)/%.stamp: export UV_CONSTRAINT       := requirements.lock
$(VENV)/%.stamp: export UV_BUILD_CONSTRAINT := requirements.lock
$(VENV)/%.stamp: pyproject.toml requirements.lock | $(PYTHON)
	$(BIN)/uv pip install --quiet --python $(PYTHON) --editable '.[$*]' || \
	    $(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

$(GRADING)/stamp: export UV_CONSTRAINT := requirements.lock
$(GRADING)/stamp: pyproject.toml requirements.lock | $(VENV)/dev.stamp
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(GRADING)
	$(BIN)/uv pip install --quiet --python $(GRADING)/bin/python --editable '.[grading]'
	@touch $@

$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11; do \
	    if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    && $$python -m venv --clear $(VENV); then exit 0; fi; \
	done; rm -rf $(VENV); \
	echo "uffdsim needs Python 3.11 or newer, with venv (on Debian: sudo apt install python3-venv)" >&2; exit 1
	-@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
