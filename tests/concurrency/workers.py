"""Worker processes of a test: real processes on the test's own PostgreSQL database, told what to do line by line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parents[2]


def environment(**more: str) -> dict[str, str]:
    """Ours, with the test database; the .env file of an installation must not reach a test."""
    db = connection.settings_dict
    url = f"postgres://{db['USER']}:{db['PASSWORD']}@{db['HOST']}:{db['PORT']}/{db['NAME']}"
    given = {"DATABASE_URL": url, "DATA_DIR": str(settings.DATA_DIR), "PYTHONPATH": str(ROOT), "TESTS_ROOT": str(ROOT)}
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "collections_app.settings", "LOG_LEVEL": "ERROR", **given, **more}


def start(*arguments: str, **more: str) -> subprocess.Popen[str]:
    """`python -m tests.concurrency.worker_main ...`"""
    command = [sys.executable, "-m", "tests.concurrency.worker_main", *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(**more)
    )


class Worker:
    """One process that takes orders on stdin and answers "done" to each."""

    def __enter__(self) -> Self:
        self._process = start("serve")
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(30)
        if self._process.stdout:
            self._process.stdout.close()

    def ask(self, order: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()
