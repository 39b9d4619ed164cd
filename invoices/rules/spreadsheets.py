"""Text in files that people open in a spreadsheet."""

from __future__ import annotations

import re

# OWASP, "CSV injection": what makes Excel, LibreOffice or Sheets read a cell as a formula; the wide forms count too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PLAIN_NUMBER = re.compile(r"-\d[\d ,.]*\Z")


def harmless(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would compute it; a plain negative number stays."""
    if text.startswith(DANGEROUS) and not PLAIN_NUMBER.match(text):
        return f"'{text}"
    return text
