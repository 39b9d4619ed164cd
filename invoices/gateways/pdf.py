"""HTML to PDF by WeasyPrint, closed to the outside: it reads registered assets and nothing else.

By default WeasyPrint fetches any address, local files included (`rel=attachment`, images, @import). Documents are made
from words of clients and staff, so every address but `asset:<name>` of ASSETS is refused: the picture stays empty.
"""

from __future__ import annotations

import threading
from functools import lru_cache

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

ASSETS = {"mark.svg": ("img/mark.svg", "image/svg+xml")}
STYLESHEET = "documents/print.css"

# Pango's font map is shared by all threads of a process and not made for two at once; a page of PDF is pure CPU anyway.
_one_at_a_time = threading.Lock()
_fonts = FontConfiguration()


class NotAnAsset(ValueError):
    """A document asked for something outside the registered assets."""


class ClosedFetcher(URLFetcher):
    """Answers `asset:<name>` for names in ASSETS. No files, no network, no data."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme != "asset" or name not in ASSETS:
            raise NotAnAsset("A document may only use its own assets.")
        path, content_type = ASSETS[name]
        content = (settings.BASE_DIR / "static" / path).read_bytes()
        return URLFetcherResponse(url, content, {"Content-Type": content_type})


def render_pdf(html: str, *, base_css: str = STYLESHEET) -> bytes:
    """The document as PDF. `base_css` names a stylesheet of ours under static/; the HTML may add a style element.

    Fonts and the parsed stylesheet are kept between documents. One document at a time in each process.
    """
    with _one_at_a_time:
        document = HTML(string=html, base_url="asset:", url_fetcher=ClosedFetcher())
        return bytes(document.write_pdf(stylesheets=[_css(base_css)], font_config=_fonts))


@lru_cache(maxsize=8)
def _css(name: str) -> CSS:
    text = (settings.BASE_DIR / "static" / name).read_text()
    return CSS(string=text, font_config=_fonts, url_fetcher=ClosedFetcher(), base_url="asset:")
