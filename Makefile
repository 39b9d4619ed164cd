# Two commands: `make run` starts the product with its demo company, `make test` tests it. Both install what is missing.
.PHONY: run test check

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
