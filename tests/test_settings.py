"""Each setting refuses a bad value by its name, and what production needs is on."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collections_app import settings as conf

ROOT = Path(__file__).parent.parent
LONG_KEY = secrets.token_urlsafe(60)


def django(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process of its own with nothing set but `environment`, run where no .env file lies."""
    command = [sys.executable, *(arguments or ("-c", "import django; django.setup()"))]
    own = {"DJANGO_SETTINGS_MODULE": "collections_app.settings", "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path)}
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**kept, **own, **environment})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://root@127.0.0.1/x"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("SITE_URL", "collections.example.com"),
        ("EMAIL_URL", "mail.example.com"),
        ("STRIPE_SECRET_KEY", "pk_test_123"),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("SECRET_KEY", "short"),
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("PORTAL_LINK_DAYS", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("DATA_DIR", "/dev/null/data"),
    ],
)
def test_bad_value_stops_the_start_with_the_name_of_the_setting(tmp_path: Path, name: str, value: str) -> None:
    tried = django(tmp_path, **{name: value})
    assert tried.returncode != 0
    assert f"{name} is not usable: " in tried.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("reader", "raw", "value"),
    [
        (conf.flag, "Yes", True),
        (conf.flag, "off", False),
        (conf.words, " a, b ,,c", ["a", "b", "c"]),
        (conf.count, "12", 12),
        (conf.url("https"), "https://pay.example.com/", "https://pay.example.com"),
        (conf.time_zone, "Asia/Tokyo", "Asia/Tokyo"),
        (conf.log_level, "debug", "DEBUG"),
        (conf.stripe_key, "rk_live_1", "rk_live_1"),
    ],
)
def test_reader_understands(reader: Callable[[str], Any], raw: str, value: object) -> None:
    assert reader(raw) == value


@pytest.mark.parametrize(
    ("reader", "raw"),
    [
        (conf.flag, "maybe"),
        (conf.count, "1.5"),
        (conf.count, "0"),
        (conf.url("https"), "http://pay.example.com"),
        (conf.url("https"), "https://"),
        (conf.database, "postgres://user:pw@db.example.com"),
        (conf.long_key, "a" * 60),
        (conf.time_zone, ""),
    ],
)
def test_reader_refuses(reader: Callable[[str], Any], raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        reader(raw)


def test_password_in_a_refused_address_is_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"db\.example\.com") as refused:
        conf.database("mysql://root:hunter2@db.example.com/x")
    assert "hunter2" not in str(refused.value)


def test_sqlite_takes_its_lock_at_begin() -> None:
    assert conf.database("sqlite:////tmp/x.sqlite3")["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgres_address_is_taken_apart() -> None:
    found = conf.database("postgres://fay:p%40ss@db.example.com:5433/books?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["PORT"], found["NAME"]) == ("fay", "p@ss", 5433, "books")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("raw", "tls", "ssl"),
    [
        ("smtp://mail.example.com:25", None, None),
        ("smtp+tls://fay:pw@mail.example.com:587", True, None),
        ("smtp+ssl://fay:pw@mail.example.com:465", None, True),
        ("smtps://fay:pw@mail.example.com:465", None, True),
    ],
)
def test_mail_address_says_how_it_is_encrypted(raw: str, tls: bool | None, ssl: bool | None) -> None:
    found = conf.mail(raw)
    assert (found.get("EMAIL_USE_TLS"), found.get("EMAIL_USE_SSL")) == (tls, ssl)


def test_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    show = ("-c", "import django; django.setup(); from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = (django(tmp_path, *show).stdout for _ in range(2))
    assert first == second != "\n"
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_links_follow_the_port(tmp_path: Path) -> None:
    show = ("-c", "from django.conf import settings; print(settings.SITE_URL)")
    assert django(tmp_path, *show, PORT="8123").stdout.strip() == "http://127.0.0.1:8123"


def test_redis_becomes_broker_and_shared_cache(tmp_path: Path) -> None:
    show = ("-c", "from django.conf import settings as s; print(s.Q_CLUSTER['redis'], s.CACHES['default']['LOCATION'])")
    address = "redis://127.0.0.1:6379/3"
    assert django(tmp_path, *show, REDIS_URL=address).stdout.split() == [address, address]


def test_deployment_check_is_clean_behind_https(tmp_path: Path) -> None:
    check = (str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING")
    tried = django(tmp_path, *check, SITE_URL="https://collections.example.com", SECRET_KEY=LONG_KEY)
    assert (tried.returncode, "no issues" in tried.stdout) == (0, True), tried.stderr
