"""`manage.py run`: the whole product on this machine: database, demo company, web server and background worker."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from collections_app.greeting import greeting
from collections_app.schedule import write_schedules
from collections_app.supervisor import Program, supervise
from invoices.models import Client

MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
PROGRAMS = (
    Program("web", (sys.executable, "-m", "gunicorn", "-c", "python:collections_app.server")),
    Program("worker", (*MANAGE, "qcluster")),
)


class Command(BaseCommand):
    help = "Prepares the database, then runs the web server and the background worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="listen here instead of PORT or 8000")
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *, port: int | None, no_demo: bool, **options: object) -> None:
        if port and port != settings.PORT:
            # Addresses in mails and links follow from the port: start anew with the settings that belong to it.
            no = ["--no-demo"] if no_demo else []
            os.execve(sys.executable, [*MANAGE, "run", *no], {**os.environ, "PORT": str(port)})
        require_free_port(settings.LISTEN_ON, settings.PORT)
        self.prepare(with_demo=not no_demo)
        text = greeting()
        asyncio.run(supervise(PROGRAMS, write=self.write, greet=once_answering(lambda: self.write(text))))
        self.write("Stopped.")

    def prepare(self, *, with_demo: bool) -> None:
        """Brings the database and the static files up to date; what is there already stays."""
        self.write("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        # Never into a public installation: the demo's password is known to everybody.
        if with_demo and not settings.IS_HTTPS and "demo" in get_commands() and not Client.objects.exists():
            self.write("Loading the demo company ...")
            call_command("demo")
        write_schedules()

    def write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def require_free_port(host: str, port: int) -> None:
    """Raises CommandError when another program listens there, or this user may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({os.strerror(exc.errno or 0)}). "
                f"Stop the program that uses it, or choose another port: make run PORT={port + 1}."
            ) from exc


def once_answering(then: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Waits until the web server answers, then calls `then`."""

    async def wait() -> None:
        while not await web_answers():
            await asyncio.sleep(0.2)
        then()

    return wait


async def web_answers() -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.LISTEN_ON, settings.LISTEN_ON)
    try:
        reader, writer = await asyncio.open_connection(host, settings.PORT)
    except OSError:
        return False
    try:
        writer.write(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return (await reader.read(5)) == b"HTTP/"
    except OSError:
        return False
    finally:
        writer.close()
