"""The accounts of the ledger export, from the file shipped with the product (invoices/data/accounts.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Account(NamedTuple):
    code: str
    name: str


class Accounts(NamedTuple):
    """The two control accounts, and the counter-account by kind of entry ("charge": a late charge issued)."""

    receivables: Account
    on_account: Account
    counter: Mapping[str, Account]


@cache
def shipped_accounts() -> Accounts:
    with (files("invoices") / "data" / "accounts.toml").open("rb") as file:
        given = tomllib.load(file)
    control = {name: Account(**row) for name, row in given["control"].items()}
    counter = {kind: Account(**row) for kind, row in given["counter"].items()}
    return Accounts(control["receivables"], control["on_account"], counter)
