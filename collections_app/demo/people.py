"""Who the demo's clients are: names, addresses, contacts, habits. Pure: everything follows from the random source."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from .names import COUNTRIES, FIRST_WORDS, PUBLIC, TRADES, Country


class Habit(NamedTuple):
    """How a client pays: days after the due date, and in percent how often never, or in parts."""

    name: str
    earliest: int
    latest: int
    never: int = 0
    in_parts: int = 0


PROMPT = Habit("prompt", -6, 1)
STEADY = Habit("steady", 0, 9, in_parts=2)
SLOW = Habit("slow", 8, 34, never=2, in_parts=8)
BAD = Habit("bad", 25, 95, never=20, in_parts=15)
# One of twenty clients after the other, so that any number of them has its share of each habit.
HABITS = (
    PROMPT, STEADY, SLOW, PROMPT, BAD, STEADY, PROMPT, STEADY, PROMPT, SLOW,
    STEADY, PROMPT, SLOW, PROMPT, STEADY, PROMPT, BAD, STEADY, PROMPT, STEADY,
)  # fmt: skip
PAY_RUNS = ((), (), (15, 31), (31,), (10, 25), ())  # days of the month; empty: any business day
ACME, SLOWCO = 0, 4  # places in the roster, of a prompt and of a bad payer
TERMS = ("net30", "net30", "net14", "eom", "net30", "2-10-net30", "net30", "net60", "eom", "net14", "15th")
METHODS = ("bank", "bank", "bank", "bank", "card", "bank", "bank", "direct_debit", "bank", "cheque")


@dataclass(slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    role: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(slots=True)
class PlannedClient:
    code: str
    name: str
    legal_name: str
    debtor_type: str
    country: Country
    address: str
    tax_number: str
    habit: Habit
    pay_run: tuple[int, ...]
    terms: str
    method: str
    size: Decimal  # how much it buys, 1 is usual
    people: list[Person] = field(default_factory=list)
    pk: int = 0


def planned_clients(rng: Random, count: int) -> list[PlannedClient]:
    """Acme pays well, Slowco badly; the rest as the roster says."""
    countries = [c for c in COUNTRIES for _ in range(c.share)]
    rng.shuffle(countries)
    names = [f"{word} {trade}" for word in FIRST_WORDS for trade in TRADES]
    rng.shuffle(names)
    found = []
    for n in range(count):
        country = countries[n % len(countries)]
        habit = HABITS[n % len(HABITS)]
        found.append(_client(rng, n, names[n], country, habit))
    _cast(rng, found)
    return found


def _cast(rng: Random, clients: list[PlannedClient]) -> None:
    """The two clients that every example speaks of, both at home."""
    for client, name, habit, run in (
        (clients[ACME], "Acme Print Works", PROMPT, (15, 31)),
        (clients[SLOWCO], "Slowco", BAD, ()),
    ):
        renamed = _client(rng, int(client.code[1:]) - 1001, name, COUNTRIES[0], habit, kind="company")
        for slot in PlannedClient.__slots__:
            setattr(client, slot, getattr(renamed, slot))
        client.pay_run, client.terms, client.size = run, "net30", Decimal("2.5")


def _client(rng: Random, n: int, name: str, country: Country, habit: Habit, kind: str | None = None) -> PlannedClient:
    kind = kind or rng.choices(["company", "sole_trader", "public", "consumer"], [84, 8, 6, 2])[0]
    street = rng.choice(country.streets)
    place = rng.choice(country.places)
    owner = (rng.choice(country.first), rng.choice(country.last))
    legal = f"{name} {rng.choice(country.forms)}"
    if kind in ("sole_trader", "consumer"):
        name = legal = f"{owner[0]} {owner[1]}" + (f" {rng.choice(TRADES)}" if kind == "sole_trader" else "")
    elif kind == "public":
        town = " ".join(word for word in place.split(",")[0].split() if word.isalpha() and not word.isupper())
        name = legal = f"{town} {PUBLIC[n % len(PUBLIC)]}"
    client = PlannedClient(
        code=f"C{1001 + n}",
        name=name,
        legal_name=legal,
        debtor_type=kind,
        country=country,
        address="\n".join([legal, country.address.format(n=rng.randint(2, 96), street=street), place]),
        tax_number=digits(rng, country.vat) if kind in ("company", "sole_trader") else "",
        habit=habit,
        pay_run=rng.choice(PAY_RUNS) if habit is not BAD else (),
        terms=rng.choice(TERMS) if kind != "consumer" else "net14",
        method=rng.choice(METHODS),
        size=Decimal(str(round(rng.lognormvariate(0, 0.7), 2))),
    )
    client.people = _people(rng, client, owner)
    return client


def _people(rng: Random, client: PlannedClient, owner: tuple[str, str]) -> list[Person]:
    """The first one gets the mail; half of the companies have a second."""
    domain = f"{slug(client.name)}.example"
    roles = ["accounts_payable"]
    if client.debtor_type in ("company", "public") and rng.random() < 0.55:
        roles.append(rng.choice(["decision_maker", "buyer"]))
    people = []
    for role in roles:
        first, last = owner if role == roles[0] else (rng.choice(client.country.first), rng.choice(client.country.last))
        local = "accounts" if role == "accounts_payable" and rng.random() < 0.4 else f"{slug(first)}.{slug(last)}"
        people.append(Person(first, last, f"{local}@{domain}", digits(rng, client.country.phone), role))
    return people


def digits(rng: Random, pattern: str) -> str:
    return re.sub("#", lambda _: str(rng.randint(0, 9)), pattern)


def slug(text: str) -> str:
    """Small letters, digits and hyphens, as in a domain name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("’", "")).strip("-")


def client_row(client: PlannedClient) -> dict[str, Any]:
    """The fields of `Client` that are plain values."""
    country = client.country
    return {
        "code": client.code,
        "name": client.name,
        "legal_name": client.legal_name,
        "debtor_type": client.debtor_type,
        "currency": country.currency,
        "language": country.language,
        "country": country.code,
        "time_zone": country.time_zone,
        "address": client.address,
        "tax_number": client.tax_number,
    }
