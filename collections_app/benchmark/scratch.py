"""A database of the benchmark's own: made, and dropped afterwards. Never the configured one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
NAME = "collections_benchmark"


@contextmanager
def scratch_database(wanted: str, *, keep: bool) -> Iterator[dict[str, str]]:
    """The environment of a process that works on a fresh database. `wanted`: sqlite, postgres, or a server's URL.

    The name in the URL only says where to connect; the database is `collections_benchmark_<process>`.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{NAME}_"))
    env = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "EMAIL_URL", "SITE_URL")}
    env |= {"DATA_DIR": str(folder), "LOG_LEVEL": "ERROR", "STRIPE_SECRET_KEY": ""}
    is_sqlite = wanted.startswith("sqlite")
    name = f"{NAME}_{os.getpid()}"
    server = _server(wanted)
    if not is_sqlite:
        _execute(server, "CREATE DATABASE {}", name)
    try:
        url = (
            f"sqlite:///{folder / 'scratch.sqlite3'}" if is_sqlite else urlunsplit(urlsplit(server)._replace(path=name))
        )
        yield {**env, "DATABASE_URL": url}
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
            if not is_sqlite:
                _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _server(wanted: str) -> str:
    configured = os.environ.get("DATABASE_URL", "")
    if wanted != "postgres":
        return wanted
    return configured if configured.startswith("postgres") else DEFAULT_SERVER


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
