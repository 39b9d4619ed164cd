"""What the demo company sells: description, price in GBP, usual quantities."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Article(NamedTuple):
    name: str
    price: Decimal
    most: int


ARTICLES = tuple(
    Article(name, Decimal(price), most)
    for name, price, most in (
        ("LED studio panel 60 × 60 cm", "186.00", 12),
        ("Background paper roll 2.72 m, storm grey", "54.50", 20),
        ("Drafting table, oak, height adjustable", "742.00", 4),
        ("Archival paper A2, 300 g, pack of 50", "68.90", 30),
        ("Acrylic primer 5 l", "41.25", 24),
        ("Display plinth, white, 40 × 40 × 100 cm", "128.00", 8),
        ("Lighting stand, steel, 2.6 m", "57.80", 16),
        ("Gallery hanging rail, 2 m with hooks", "23.40", 40),
        ("Cutting mat, self-healing, A1", "32.00", 15),
        ("Large-format print, mounted, per m²", "96.00", 25),
        ("Studio hire, half day", "240.00", 6),
        ("Delivery and installation", "145.00", 2),
        ("Colour calibration on site, per hour", "88.00", 8),
        ("Storage rack, powder-coated", "215.00", 6),
        ("Service contract, one month", "320.00", 1),
        ("Sketchbooks, linen bound, box of 20", "118.00", 10),
    )
)

# Price lists are rounded by hand, not converted daily: GBP x factor, to the step.
PRICE_LISTS = {
    "GBP": (Decimal("1"), Decimal("0.05")),
    "EUR": (Decimal("1.17"), Decimal("0.10")),
    "USD": (Decimal("1.28"), Decimal("0.50")),
    "CHF": (Decimal("1.12"), Decimal("0.10")),
    "JPY": (Decimal("195"), Decimal("100")),
}


def list_price(article: Article, currency: str) -> Decimal:
    factor, step = PRICE_LISTS[currency]
    return (article.price * factor / step).quantize(Decimal(1)) * step
