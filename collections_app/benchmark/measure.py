"""Time one piece of work, beside a plain SQL statement that reads the same rows."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import connection

REQUESTS = 20


@dataclass(slots=True)
class Figures:
    """`seconds` is the median of a page's requests; `p95` is theirs only. `peak_mb`: resident memory of the process."""

    step: str
    what: str
    seconds: float = 0
    p95: float | None = None
    sql_seconds: float | None = None
    peak_mb: int = 0

    def as_json(self) -> dict[str, object]:
        ratio = round(self.seconds / self.sql_seconds, 1) if self.sql_seconds else None
        return {**asdict(self), "ratio": ratio}


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def plain_sql(statement: str, values: tuple[object, ...] = ()) -> float:
    """Seconds of the statement with all its rows fetched, warm."""

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()

    timed(work)
    return timed(work)


def measured(step: str, what: str, work: Callable[[], object], sql_seconds: float | None = None) -> Figures:
    seconds = timed(work)
    return Figures(step, what, round(seconds, 3), None, sql_seconds and round(sql_seconds, 4), peak_mb())


def measured_often(step: str, what: str, work: Callable[[], object], sql_seconds: float | None = None) -> Figures:
    """Two requests to warm up, then the median and the 95th percentile of twenty."""
    for _ in range(2):
        work()
    times = sorted(timed(work) for _ in range(REQUESTS))
    p95 = times[round(0.95 * REQUESTS) - 1]
    sql = sql_seconds and round(sql_seconds, 4)
    return Figures(step, what, round(statistics.median(times), 4), round(p95, 4), sql, peak_mb())


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
