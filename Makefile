# Two commands: `make run` starts the product with its demo company, `make test` tests it. Both install what is missing.
.PHONY: run test check stress

run:
	@.ci/setup run
	@.venv/bin/python manage.py run

# For some tests only: make test ARGS="tests/invoices -k receipt"
test:
	@.ci/setup test
	@.ci/test $(ARGS)

# All that CI asks for.
check:
	@.ci/run

# The long forms of some tests: hours. 100,000 messages through a provider that fails, a year replayed, ...
# They print what they saw. On SQLite; give DATABASE_URL for PostgreSQL.
stress:
	@.ci/setup test
	@STRESS=1 .venv/bin/python -m pytest -s --timeout=0 tests/scenarios/test_failing_provider.py tests/scenarios/test_ibm_replay.py
