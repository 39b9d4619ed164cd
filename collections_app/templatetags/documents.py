"""Tags of printed documents: sentences in the client's language, with figures put in."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import format_decimal
from django import template

from collections_app import formats
from invoices.rules.money import exponent

register = template.Library()


@register.simple_tag
def say(sentence: str, **figures: object) -> str:
    """A sentence of the documents' words with its figures, which the caller has formatted."""
    return sentence.format(**figures)


@register.filter
def figure(text: str) -> str:
    """A number kept as text (1234.50) in the reader's way, with the decimals it has; other text as it is."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return str(text)
    places = max(-int(value.as_tuple().exponent), 0)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, format=pattern, locale=formats.reader_locale())


@register.filter
def unit_price(value: Decimal, currency: str) -> str:
    """At least the decimals of the currency, four at most."""
    least = "0" * exponent(currency)
    return format_decimal(value, format=f"#,##0.{least}{'#' * (4 - len(least))}", locale=formats.reader_locale())


@register.filter
def word(words: dict[str, str], key: str) -> str:
    """A word by a key that is put together, such as `category_AE`."""
    return words[key]


@register.filter
def below(address: str, name: str) -> str:
    """The lines of an address that stand below a name: without its first line where that repeats the name."""
    first, _, rest = address.strip().partition("\n")
    return rest if name and first.strip() == name.strip() else address
