"""What every test gets: a folder of its own for files and mail, and markers that say why a test is left out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# New examples each run, few by default; HYPOTHESIS_PROFILE=deep digs. No deadline: two cores are shared.
calm = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
hypothesis_settings.register_profile("ci", max_examples=40, **calm)
hypothesis_settings.register_profile("deep", max_examples=2000, **calm)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


# To these the database makes no difference (the benchmark brings its own), nor to anything in a folder `rules`.
ONCE = {
    *("test_benchmark.py", "test_layers.py", "test_mailbox.py", "test_settings.py", "test_supervisor.py"),
    *("test_card_processor.py", "test_card_webhooks.py", "test_cards_gateway.py", "test_minor_units.py"),
}


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.name in ONCE or "rules" in item.path.parts:
        item.add_marker(pytest.mark.once)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    left_out = {}
    if connection.vendor != "postgresql":
        left_out["postgres"] = "needs PostgreSQL (real row locks); DATABASE_URL is SQLite"
    if CHROMIUM is None:
        left_out["browser"] = "needs Chromium, and none is installed"
    for item in items:
        for marker, reason in left_out.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
    # Tests with real commits end by emptying all tables, so they come last, after those that find the rows of the
    # migrations where these left them.
    items.sort(key=commits)


def commits(item: Any) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))) or bool(
        marker and marker.kwargs.get("transaction")
    )


@pytest.fixture(scope="session")
def migrated_rows(django_db_setup: None, django_db_blocker: Any) -> str:
    """All rows of a freshly migrated database: read by the first test with real commits, before it leaves any."""
    with django_db_blocker.unblock():
        return connection.creation.serialize_db_to_string()


@pytest.fixture(autouse=True)
def rows_of_migrations(request: pytest.FixtureRequest) -> None:
    """A test with real commits begins as a migrated database does.

    Django's serialized_rollback does this only while nobody writes between two tests; a browser's last request may.
    """
    if not commits(request.node):
        return
    rows = request.getfixturevalue("migrated_rows")
    request.getfixturevalue("transactional_db")
    # Sequences go on: the rows come back under their old keys, which must not be given out again.
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True, reset_sequences=False)
    ContentType.objects.clear_cache()
    connection.creation.deserialize_db_from_string(rows)


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    """No test sees the files or mails of another."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MAIL_FOLDER = tmp_path / "mail"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of one that Playwright would download; no sandbox, since CI may be root."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}
