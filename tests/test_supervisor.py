"""`manage.py run` keeps its programs going, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from collections_app.management.commands.run import require_free_port

ROOT = Path(__file__).parent.parent
# A parent that supervises one program, which starts a grandchild in its group and writes both numbers to a file.
PARENT = """
import asyncio, sys
from collections_app.supervisor import Program, supervise

async def greet(): print("greeted", flush=True)

child = Program("child", (sys.executable, "-c", sys.argv[1]))
write = lambda line: print(line, flush=True)
asyncio.run(supervise([child], write=write, greet=greet, pause=0.1, grace=1))
print("end", flush=True)
"""
CHILD = """
import os, signal, subprocess, sys, time
{before}
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open({path!r}, "a") as file: file.write(f"{{os.getpid()}} {{other.pid}}\\n")
print("started", flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(fact: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.02)
    return fact()


class Supervised:
    """The parent, started; `family` is the (child, grandchild) of each start so far."""

    def __init__(self, folder: Path, before: str = "") -> None:
        self.path = folder / "pids"
        child = CHILD.format(before=before, path=str(self.path))
        self.parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, child], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
        )

    @property
    def family(self) -> list[tuple[int, int]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [(int(child), int(grandchild)) for child, grandchild in map(str.split, lines)]

    def started(self, times: int) -> bool:
        return wait_until(lambda: len(self.family) >= times)

    def close(self) -> None:
        self.parent.kill()
        for pair in self.family:
            for pid in filter(is_alive, pair):
                os.kill(pid, signal.SIGKILL)
        self.parent.communicate(timeout=20)

    def all_gone(self) -> bool:
        return wait_until(lambda: not any(is_alive(pid) for pair in self.family for pid in pair))


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(before: str = "") -> Supervised:
        made.append(Supervised(tmp_path, before))
        assert made[-1].started(1)
        return made[-1]

    yield start
    for run in made:
        run.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_the_program_and_what_it_started(
    supervised: Callable[..., Supervised], number: signal.Signals
) -> None:
    run = supervised()
    run.parent.send_signal(number)
    output, _ = run.parent.communicate(timeout=20)
    assert (run.parent.returncode, output.splitlines()[-1]) == (0, "end"), output
    assert run.all_gone()


def test_program_that_does_not_listen_is_killed(supervised: Callable[..., Supervised]) -> None:
    run = supervised(before="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    run.parent.terminate()
    run.parent.communicate(timeout=20)
    assert run.all_gone()


def test_program_that_dies_is_started_again_without_its_orphans(supervised: Callable[..., Supervised]) -> None:
    run = supervised()
    child, grandchild = run.family[0]
    os.kill(child, signal.SIGKILL)
    assert run.started(2)
    assert not is_alive(grandchild)
    run.parent.terminate()
    output, _ = run.parent.communicate(timeout=20)
    assert "child ended with code -9; it is started again in 0.1 seconds." in output


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="needs setpriv of util-linux")
def test_program_stops_when_the_supervisor_is_killed(supervised: Callable[..., Supervised]) -> None:
    run = supervised()
    run.parent.kill()
    child, _ = run.family[0]  # a real program, such as gunicorn, then stops its own workers
    assert wait_until(lambda: not is_alive(child))


def test_port_in_use_is_said_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Cannot listen on 127.0.0.1:{port}.*PORT={port + 1}"):
            require_free_port("127.0.0.1", port)
