"""The demo's own house: the company, its staff, its terms, its clients."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from django.db import transaction
from django.utils import timezone

from collections_app.greeting import DEMO_PASSWORD
from collections_app.models import User
from collections_app.permissions import COLLECTOR, MANAGER, READ_ONLY
from collections_app.staff import add_user
from invoices.models import Client, Contact, PaymentTerms
from invoices.rules.money import exponent
from invoices.services.importing.rows import insert_events
from invoices.services.settings import change_organisation
from invoices.services.terms import change_terms, create_terms

from .company import IN_PARTS, TERMS
from .people import PlannedClient, client_row

ACTOR = "demo"
# username, first name, last name, group, job title, the end of a number that Ofcom keeps for drama
STAFF = (
    ("fay", "Fay", "Holloway", MANAGER, "Finance manager", "101"),
    ("tom", "Tom", "Ashby", COLLECTOR, "Credit controller", "102"),
    ("ines", "Ines", "Duarte", COLLECTOR, "Credit controller", "103"),
    ("ray", "Ray", "Pemberton", READ_ONLY, "Auditor", "104"),
)
TEXTS = {
    "net30": "Payable within 30 days of the invoice date.",
    "net14": "Payable within 14 days of the invoice date.",
    "net60": "Payable within 60 days of the invoice date.",
    "eom": "Payable by the end of the month after 30 days.",
    "15th": "Payable by the 15th of the month after the invoice date.",
    "2-10-net30": "2 % discount when paid within 10 days; otherwise payable within 30 days.",
}
LATE_FEE = "Late payments bear statutory interest."


def found_company() -> list[User]:
    """Ourselves, our staff and our terms. Returns the staff in the order of STAFF."""
    change_organisation(
        {
            "name": "Larkfield Studio Supplies",
            "legal_name": "Larkfield Studio Supplies Ltd",
            "registration_number": "00000000",
            "tax_number": "GB000 0000 00",
            "address": "Larkfield Studio Supplies Ltd\n12 Ropemakers Yard\nBristol BS1 0AA\nUnited Kingdom",
            "country": "GB",
            "currency": "GBP",
            "email": "accounts@larkfield.example",
            "phone": "+44 117 496 0100",
            "bank_name": "Demo Bank",
            "account_holder": "Larkfield Studio Supplies Ltd",
            "iban": iban("GB", "LARK00000012345678"),
            "bic": "LARKGB00XXX",
        },
        actor=ACTOR,
    )
    for code, (name, terms) in TERMS.items():
        values = {
            "name": name,
            "form": terms.form.value,
            "days": terms.days,
            "day_of_month": terms.day_of_month,
            "discount_days": terms.discount_days,
            "discount_percent": 2 if terms.discount_days else None,
            "text": TEXTS[code],
            "late_fee_clause": LATE_FEE,
        }
        if found := PaymentTerms.objects.filter(code=code).first():
            change_terms(found.pk, values, actor=ACTOR)
        else:
            create_terms({"code": code, **values}, actor=ACTOR)
    in_parts = {"code": "in-3-parts", "name": "30 % in a week, the rest over 3 months", "late_fee_clause": LATE_FEE}
    create_terms(in_parts, parts=IN_PARTS, actor=ACTOR)
    return [_add(*row) for row in STAFF]


def _add(username: str, first: str, last: str, group: str, job: str, number: str) -> User:
    found = User.objects.filter(username=username).first()
    values = {
        "username": username,
        "first_name": first,
        "last_name": last,
        "email": f"{username}@larkfield.example",
        "job_title": job,
        "phone": f"+44 117 496 0{number}",
    }
    return found or add_user(values, group=group, password=DEMO_PASSWORD, actor=ACTOR)


def iban(country: str, account: str) -> str:
    """With its check digits (ISO 13616, mod 97): right in form, at a bank that does not exist."""
    number = int("".join(str(int(sign, 36)) for sign in account + country + "00"))
    return f"{country}{98 - number % 97:02d}{account}"


@transaction.atomic
def take_in_clients(rng: Random, planned: Sequence[PlannedClient], managers: Sequence[User]) -> None:
    """Write clients and contacts at once, and their keys back into the plan."""
    terms = dict(PaymentTerms.objects.values_list("code", "pk"))
    Client.objects.bulk_create(
        Client(
            **client_row(one),
            terms_id=terms[one.terms],
            account_manager=managers[n % len(managers)],
            credit_limit=_credit_limit(rng, one),
        )
        for n, one in enumerate(planned)
    )
    keys = dict(Client.objects.values_list("code", "pk"))
    for one in planned:
        one.pk = keys[one.code]
    Contact.objects.bulk_create(
        Contact(
            client_id=one.pk,
            name=person.name,
            first_name=person.first_name,
            role=person.role,
            email=person.email,
            phone=person.phone,
            has_sms_consent=rng.random() < 0.2,
            is_primary=n == 0,
        )
        for one in planned
        for n, person in enumerate(one.people)
    )
    now = timezone.now()
    insert_events(
        (
            now,
            None,
            ACTOR,
            "client_created",
            one.pk,
            "client",
            one.pk,
            f"Client {one.name} ({one.code}) created",
            {},
            {},
        )
        for one in planned
    )


def _credit_limit(rng: Random, client: PlannedClient) -> int | None:
    """None for public bodies and consumers; in thousands, or in hundred thousands of a currency without cents."""
    if client.debtor_type in ("public", "consumer"):
        return None
    step = 1_000 if exponent(client.country.currency) else 100_000
    return rng.choice([5, 10, 15, 25, 40]) * step * max(1, round(client.size))
