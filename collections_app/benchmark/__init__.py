"""How long the work takes on many open invoices: `manage.py benchmark`.

`scratch` makes and drops a database of its own, `ledger` fills it, `steps` and `pages` are what is measured. Each step
runs in a process of its own (`measure`), so that the memory told is the step's.
"""
