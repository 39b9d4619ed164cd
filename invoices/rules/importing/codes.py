"""Country, currency, language, time zone, debtor type and method of payment: from what files say to the codes kept
here."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import list_currencies

from .columns import plain

_NAME_LANGUAGES = ("en", "de", "fr", "es", "nl")
_MORE_COUNTRIES = {
    "uk": "GB",
    "greatbritain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "holland": "NL",
    "usa": "US",
}

DEBTOR_TYPES = {
    "company": "company companies business b2b firma unternehmen bedrijf entreprise societe empresa corporate "
    "organisation organization",
    "sole_trader": "soletrader selfemployed freelancer einzelunternehmen einzelunternehmer zzp eenmanszaak autonomo "
    "independant",
    "consumer": "consumer private person individual b2c privat privatperson privatkunde verbraucher particulier "
    "consument particular",
    "public": "public publicbody government b2g authority behorde offentlich overheid administration secteurpublic "
    "administracion",
}
METHODS = {
    "bank": "bank banktransfer transfer wire wiretransfer eft ach bacs chaps sepa sepatransfer uberweisung "
    "ueberweisung bankuberweisung "
    "overschrijving overboeking virement virementbancaire transferencia transferenciabancaria",
    "card": "card creditcard debitcard kreditkarte karte ec visa mastercard amex creditkaart cartebancaire carte cb "
    "tarjeta stripe",
    "direct_debit": "directdebit debit sepadirectdebit lastschrift sepalastschrift incasso automatischeincasso "
    "prelevement domiciliacion",
    "cheque": "cheque check scheck talon",
    "cash": "cash bar barzahlung contant kas especes efectivo",
    "other": "other sonstige overig autre otro paypal",
}


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """ISO 3166 alpha-2 code of a code or a name in five languages. A mere number is some program's own code: None.

    Raises ValueError with the reason for any other unknown text.
    """
    if text.isdigit():
        return None
    code = text.upper()
    if (
        code in Locale("en").territories
        and re.fullmatch(r"[A-Z]{2}", code)
        and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")
    ):
        return code
    aliases = get_global("territory_aliases").get(code, [])
    found = _country_names().get(plain(text)) or (aliases[0] if len(aliases) == 1 else None)
    if found is None:
        raise ValueError("is not a country: write its two-letter code, such as GB.")
    return found


@cache
def _country_names() -> dict[str, str]:
    names = {
        plain(name): code
        for language in reversed(_NAME_LANGUAGES)
        for code, name in Locale(language).territories.items()
        if re.fullmatch(r"[A-Z]{2}", code)
    }
    return names | _MORE_COUNTRIES


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache(maxsize=4096)
def currency_code(text: str) -> str:
    """ISO 4217 code; of the symbols only € says one currency alone. Raises ValueError with the reason."""
    code = {"€": "EUR", "EURO": "EUR", "US$": "USD"}.get(text.upper(), text.upper())
    if code not in _currencies():
        raise ValueError("is not a currency: write its three-letter code, such as GBP.")
    return code


@lru_cache(maxsize=4096)
def language_code(text: str) -> str:
    """Two-letter language of a code (de, de-AT) or a name. Raises ValueError with the reason."""
    code = re.split(r"[-_]", text.strip().lower())[0]
    if re.fullmatch(r"[a-z]{2}", code) and code in Locale("en").languages:
        return code
    found = _language_names().get(plain(text))
    if found is None:
        raise ValueError("is not a language: write its two-letter code, such as en.")
    return found


@cache
def _language_names() -> dict[str, str]:
    found = {
        plain(name): code
        for language in reversed(_NAME_LANGUAGES)
        for code, name in Locale(language).languages.items()
        if len(code) == 2
    }
    return found | {plain(Locale(code).languages[code]): code for code in _NAME_LANGUAGES}


@cache
def _time_zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=4096)
def time_zone_name(text: str) -> str:
    """The zone's name as the tz database writes it. Raises ValueError with the reason."""
    found = _time_zones().get(text.casefold().replace(" ", "_"))
    if found is None:
        raise ValueError("is not a time zone: write a name such as Europe/London.")
    return found


def debtor_type_code(text: str) -> str:
    return _named(text, DEBTOR_TYPES, "is not a debtor type: write company, sole_trader, consumer or public.")


def method_code(text: str) -> str:
    """The method of payment; a word that we do not know is `other`, for it decides nothing."""
    try:
        return _named(text, METHODS, "")
    except ValueError:
        return "other"


def _named(text: str, names: dict[str, str], reason: str) -> str:
    wanted = plain(text)
    for code, words in names.items():
        if wanted == plain(code) or wanted in words.split():
            return code
    raise ValueError(reason)
