"""What printed documents make of an address."""

from __future__ import annotations

import pytest

from collections_app.templatetags.documents import below


@pytest.mark.parametrize(
    ("address", "name", "left"),
    [
        ("Acme Ltd\n2 Mill Lane\nLeeds", "Acme Ltd", "2 Mill Lane\nLeeds"),
        ("2 Mill Lane\nLeeds", "Acme Ltd", "2 Mill Lane\nLeeds"),
        ("Acme Ltd", "Acme Ltd", ""),
        ("", "Acme Ltd", ""),
        ("\n2 Mill Lane", "", "\n2 Mill Lane"),
    ],
)
def test_name_is_not_printed_twice(address: str, name: str, left: str) -> None:
    assert below(address, name) == left
