"""What late payment of one invoice costs, by scheme, with the computation."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoices.rules.interest.computing import compute
from invoices.rules.interest.records import AgreedRate, Claim, Computation, Payment, Scheme
from invoices.rules.interest.refusals import InterestRefused, Refusal
from invoices.rules.interest.settling import Question, as_claim
from invoices.rules.interest.showing import as_record
from invoices.rules.interest.starting import due_without_agreement
from invoices.services.rates import rates_in_force, scheme_for

REFUSED = 1
NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,12})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class Command(BaseCommand):
    help = "Compute late-payment interest and the fixed sum for one invoice. Reads and changes no client's data."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--scheme", metavar="ID", help="uk-1998, de-288, eu-2011-7, fr-l441-10, ie-580-2012, nl-bik, contract ...")
        add("--debtor-type", default="company", metavar="TYPE", help="company, sole_trader, consumer or public")
        add("--amount", metavar="AMOUNT", help="the invoice with tax, such as 999.99")
        add("--due", metavar="YYYY-MM-DD", help="the agreed due date")
        add("--invoiced", metavar="YYYY-MM-DD", help="instead of --due where no date was agreed")
        add("--paid", metavar="YYYY-MM-DD", help="when the rest was paid")
        add("--payment", nargs="+", action="extend", default=[], metavar="DATE=AMOUNT", help="part payments before")
        add("--rate", metavar="PERCENT", help="a year, for a rate agreed in the contract")
        add("--monthly-rate", metavar="PERCENT", help="a month, as the contract has it")
        add("--cap", metavar="AMOUNT", help="the most interest that the contract allows")
        add("--country", default="", metavar="CC", help="of the debt: contract has its own rules in CA")
        add("--region", default="", metavar="CODE", help="for public holidays, such as BY")
        add("--currency", default="", metavar="CODE", help="default: the scheme's")
        add("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            scheme = scheme_for(_given(options, "scheme"), options["country"].strip())
            found = compute(scheme, _claim(scheme, options), rates_in_force())
        except InterestRefused as refused:
            if not options["json"]:
                raise CommandError(str(refused), returncode=REFUSED) from refused
            self.stdout.write(json.dumps({"error": refused.code.value, "message": str(refused)}))
            sys.exit(REFUSED)
        if options["json"]:
            self.stdout.write(json.dumps(as_record(found), ensure_ascii=False))
        else:
            self._print(found)

    def _print(self, found: Computation) -> None:
        shown = as_record(found)
        say = self.stdout.write
        say(f"{found.scheme.name} ({found.scheme.id})")
        say(f"{found.scheme.law}.")
        say("{currency} {amount}, due {due}, paid {until}, late from {starts}: {days} days.".format(**shown))
        if shown["lines"]:
            say(f"{'from':<12}{'to':<12}{'days':>5} {'principal':>20} {'% a year':>9} {'year':>9} {'amount':>22}")
        for line in shown["lines"]:
            say(
                "{from:<12}{to:<12}{days:>5} {principal:>20} {rate:>9} {year_part:>9} {amount:>22}".format_map(line),
            )
        say("Interest   {currency} {interest}".format(**shown))
        say("Fixed sum  {fixed_sum_currency} {fixed_sum}".format(**shown))
        for row in shown["sources"]:
            say("Rate {series} from {from}: {rate} % ({source}).".format_map(row))
        for note in shown["notes"]:
            say(note)


def _claim(scheme: Scheme, options: dict[str, Any]) -> Claim:
    """The options as a claim; the rest is paid on --paid. Raises InterestRefused naming the option."""
    amount, paid_on = _number("--amount", _given(options, "amount")), _day("--paid", _given(options, "paid"))
    return as_claim(
        Question(
            amount=amount,
            currency=_currency(scheme, options),
            due_on=_due(scheme, options),
            paid_on=paid_on,
            debtor_type=options["debtor_type"].strip().lower().replace("-", "_").replace(" ", "_"),
            payments=tuple(_payment(text) for text in options["payment"]),
            agreed=AgreedRate(
                yearly=_optional("--rate", options["rate"]),
                monthly=_optional("--monthly-rate", options["monthly_rate"]),
                cap_amount=_optional("--cap", options["cap"]),
            ),
            region=options["region"].strip().upper(),
        )
    )


def _due(scheme: Scheme, options: dict[str, Any]) -> date:
    if options["due"] is None and options["invoiced"] is not None:
        return due_without_agreement(scheme, _day("--invoiced", options["invoiced"]))
    return _day("--due", _given(options, "due"))


def _currency(scheme: Scheme, options: dict[str, Any]) -> str:
    code = options["currency"].strip().upper() or scheme.currency or "USD"
    if not CURRENCY.fullmatch(code):
        raise InterestRefused(Refusal.INVALID_INPUT, f"--currency takes a code such as EUR, not {code!r}.")
    return str(code)


def _payment(text: str) -> Payment:
    day, equals, amount = text.partition("=")
    if not equals:
        raise InterestRefused(
            Refusal.INVALID_PAYMENT, f"--payment takes DATE=AMOUNT such as 2026-03-02=400.00, not {text!r}."
        )
    return Payment(_day("--payment", day), _number("--payment", amount))


def _given(options: dict[str, Any], name: str) -> str:
    if options[name] is None:
        raise InterestRefused(Refusal.INVALID_INPUT, f"--{name} is missing; it has no default.")
    return str(options[name])


def _optional(option: str, text: str | None) -> Decimal | None:
    return None if text is None else _number(option, text)


def _number(option: str, text: str) -> Decimal:
    if not NUMBER.fullmatch(text.strip()):
        raise InterestRefused(Refusal.INVALID_INPUT, f"{option} takes a number such as 1234.50, not {text!r}.")
    return Decimal(text.strip())


def _day(option: str, text: str) -> date:
    try:
        if DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InterestRefused(Refusal.INVALID_DATE, f"{option} takes a date such as 2026-01-31, not {text!r}.")
