"""Keeps a few programs running as children of this process, and leaves none behind. Used by `manage.py run`."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

Write = Callable[[str], None]


@dataclass(frozen=True)
class Program:
    """`command` is run as it is, without a shell; each line that it prints is passed on behind `name`."""

    name: str
    command: tuple[str, ...]


async def supervise(
    programs: Sequence[Program],
    *,
    write: Write,
    greet: Callable[[], Awaitable[None]],
    pause: float = 3,
    grace: float = 20,
) -> None:
    """Runs the programs until SIGINT, SIGTERM or SIGHUP arrives, then stops them and returns.

    A program that ends by itself is started again after `pause` seconds. At the end each gets SIGTERM, `grace` seconds
    to finish what it is doing, and SIGKILL for it and everything it started. `greet` runs beside the programs.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    greeting = asyncio.create_task(greet())
    keepers = [asyncio.create_task(_keep(program, stopping, write, pause, grace)) for program in programs]
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
    stopping.set()  # a keeper that ended before has failed: gather raises what it met
    write("Stopping ...")
    greeting.cancel()
    await asyncio.gather(stop, *keepers)


async def _keep(program: Program, stopping: asyncio.Event, write: Write, pause: float, grace: float) -> None:
    while not stopping.is_set():
        # A pipe of our own: with asyncio's, wait() returns only when also the last grandchild has closed it.
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *_dies_with_us(program.command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a group of its own: Ctrl-C reaches it through us only, and it can be killed whole
        )
        os.close(writing)
        copying = asyncio.create_task(_copy_lines(reading, program.name, write))
        try:
            await _first_of(process.wait(), stopping.wait())
            if stopping.is_set() and process.returncode is None:
                process.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), grace)
        finally:
            # Also after a clean end: a leader that was killed leaves its workers behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        code = await process.wait()
        await copying
        if not stopping.is_set():
            write(f"{program.name} ended with code {code}; it is started again in {pause:g} seconds.")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)


def _dies_with_us(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command, told by Linux to stop when this process dies without a chance to stop it (`kill -9`)."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--", *command) if setpriv else command


async def _first_of(*waiting: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _copy_lines(reading: int, name: str, write: Write) -> None:
    stream = asyncio.StreamReader(limit=2**20)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb")
    )
    while line := await stream.readline():
        write(f"{name:<6} | {line.decode(errors='replace').rstrip()}")
    transport.close()
