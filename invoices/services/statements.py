"""The statement of account as PDF, made from the entries. Nothing is written."""

from __future__ import annotations

from ..composing_statement import StatementFacts, statement_html
from ..gateways.pdf import render_pdf
from ..queries.organisation import organisation
from ..queries.statements import AccountStatement
from ..rules.references import client_reference, in_fours
from ..rules.statement import StatementKind


def statement_pdf(found: AccountStatement, kind: StatementKind, *, url: str = "", has_csv: bool = False) -> bytes:
    """One section per currency. Above 200 lines the rest stands in one sum; `url` says where all lines are.

    `has_csv`: a file with every line goes with it.
    """
    client, us = found.client, organisation()
    facts = StatementFacts(
        sender=us,
        client_name=client.legal_name or client.name,
        client_address=client.address,
        client_code=client.code,
        language=client.language,
        first_on=found.period.first_on,
        last_on=found.period.last_on,
        kind=kind,
        currencies=found.currencies,
        iban=in_fours(us.iban.replace(" ", "")),
        transfer_reference=in_fours(client_reference(client.pk)),
        url=url,
        has_csv=has_csv,
    )
    return render_pdf(statement_html(facts))


def statement_name(found: AccountStatement) -> str:
    """The file's name without its ending, in plain ASCII: statement-ACME-2026-10-31."""
    code = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in found.client.code)
    return f"statement-{code}-{found.period.last_on.isoformat()}"
