"""Who may import and do what, read from the source; README has the rules in words. Findings are sentences."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

APPS = {
    "invoices": {"invoices"},
    "reminders": {"reminders", "invoices"},
    "collections_app": {"collections_app", "reminders", "invoices"},
}
KINDS = ("rules", "models", "queries", "services", "channels", "gateways", "tasks")
FACES = ("dashboard", "portal", "api")
# Libraries without a clock, a network or files of their own, which rules may lean on.
PURE = {"holidays", "segno", "babel", "phonenumbers", "dateutil", "liquid", "flufl"}
IMPURE_STDLIB = {"asyncio", "http", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"}
IMPURE_STDLIB |= {"subprocess", "tempfile", "threading", "time", "urllib.request", "uuid"}
CLOCK = {"today", "now", "utcnow", "localdate", "localtime"}
OUTSIDE = {"django.core.mail", "smtplib", "stripe", "weasyprint", "requests", "httpx", "urllib.request", "http.client"}
# What speaks to the outside though it is no channel: the mail backend of the demo, and the look for a free port.
OUTSIDE_ALLOWED = {"collections_app/mailbox.py", "collections_app/management/commands/run.py"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"asave", "acreate", "aupdate", "adelete"}
NOT_ROWS = {"workbook", "book"}  # a spreadsheet being written to a response is no row
WEB = {"django.http", "django.shortcuts", "django.views", "django.urls", "django.template"}
SIGNALS = {"django.db.models.signals", "django.dispatch", "django.core.signals", "django.contrib.auth.signals"}


@dataclass(frozen=True)
class Module:
    """One source file; `path` is relative to the root, as in reminders/rules/planner.py."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).with_suffix("").parts

    @property
    def app(self) -> str:
        return self.parts[0]

    def is_in(self, *names: str) -> bool:
        return len(self.parts) > 1 and self.parts[1] in names

    @cached_property
    def imports(self) -> set[str]:
        """Dotted names; `from x import y` counts as x.y, which is x too."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                above = self.parts[: len(self.parts) - node.level] if node.level else ()
                base = ".".join([*above, *([node.module] if node.module else [])])
                found |= {f"{base}.{alias.name}" for alias in node.names}
        return found

    @property
    def ours(self) -> set[str]:
        return {name for name in self.imports if name.split(".")[0] in APPS}

    def imports_any(self, names: set[str]) -> set[str]:
        return {name for name in self.imports for one in names if name == one or name.startswith(one + ".")}

    @cached_property
    def calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    @property
    def method_calls(self) -> list[tuple[str, ast.Call]]:
        return [
            (call.func.attr, call)
            for call in self.calls
            if isinstance(call.func, ast.Attribute)
            and not (isinstance(call.func.value, ast.Name) and call.func.value.id in NOT_ROWS)
        ]

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


Rule = Callable[[Module], Iterator[str]]


def kind_of(name: str) -> str:
    """What an import of ours brings in: `rules`, `models`, ..., or "" for anything else."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in KINDS else ""


def forbids(module: Module, *kinds: str) -> Iterator[str]:
    for name in sorted(module.ours):
        if kind_of(name) in kinds:
            yield f"imports {name}"


def imports_point_downwards(module: Module) -> Iterator[str]:
    for name in sorted(module.ours):
        if name.split(".")[0] not in APPS[module.app]:
            yield f"imports {name}, which lies above {module.app}"


def rules_are_pure(module: Module) -> Iterator[str]:
    if not module.is_in("rules"):
        return
    for name in sorted(module.imports):
        top = name.split(".")[0]
        if top in APPS:
            if kind_of(name) != "rules":
                yield f"a rule imports {name}"
        elif (top not in sys.stdlib_module_names and top not in PURE) or module.imports_any(IMPURE_STDLIB) & {name}:
            yield f"a rule imports {name}"
    for method, call in module.method_calls:
        if method in CLOCK:
            yield f"a rule reads the clock in line {call.lineno}"
    for call in module.calls:
        if isinstance(call.func, ast.Name) and call.func.id == "open":
            yield f"a rule opens a file in line {call.lineno}"


def models_are_shape(module: Module) -> Iterator[str]:
    if not module.is_in("models"):
        return
    yield from forbids(module, "queries", "services", "channels", "gateways", "tasks")
    for function in module.functions:
        if function.name in {"save", "delete"}:
            yield f"a model overrides {function.name}() in line {function.lineno}"


def queries_only_read(module: Module) -> Iterator[str]:
    if module.is_in("queries"):
        yield from forbids(module, "services", "channels", "gateways", "tasks")
        yield from writes(module)


def services_see_no_request(module: Module) -> Iterator[str]:
    if not module.is_in("services"):
        return
    yield from forbids(module, "tasks")
    for name in sorted(module.imports_any(WEB)):
        yield f"a service imports {name}"
    for function in module.functions:
        for argument in function.args.args + function.args.kwonlyargs:
            # A record of our own may be called so: a PaymentRequest to the card processor.
            if argument.arg == "request" and (
                argument.annotation is None or "Http" in ast.unparse(argument.annotation)
            ):
                yield f"a service takes a web request in line {function.lineno}"


def channels_do_not_know_the_database(module: Module) -> Iterator[str]:
    if module.is_in("channels", "gateways"):
        yield from forbids(module, "models", "queries", "services", "tasks")
        for name in sorted(module.imports_any({"django.db"})):
            yield f"imports {name}"


def only_channels_and_gateways_reach_outside(module: Module) -> Iterator[str]:
    if not module.is_in("channels", "gateways") and module.path not in OUTSIDE_ALLOWED:
        for name in sorted(module.imports_any(OUTSIDE)):
            yield f"imports {name}"


def tasks_only_say_when(module: Module) -> Iterator[str]:
    if not module.is_in("tasks"):
        return
    yield from forbids(module, "models", "queries", "rules", "channels", "gateways")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.For | ast.While | ast.If | ast.Try):
            yield f"a task holds logic in line {node.lineno}"


def faces_do_not_write(module: Module) -> Iterator[str]:
    if module.app == "collections_app" and module.is_in(*FACES):
        yield from forbids(module, "channels", "gateways", "tasks")
        yield from writes(module)


def writes(module: Module) -> Iterator[str]:
    for method, call in module.method_calls:
        if method in WRITES:
            yield f"calls .{method}() in line {call.lineno}"


def no_bare_save(module: Module) -> Iterator[str]:
    for method, call in module.method_calls:
        if method == "save" and not call.args and not call.keywords:
            yield f"saves whole rows in line {call.lineno}; name update_fields or force_insert"


def no_imports_inside_functions(module: Module) -> Iterator[str]:
    for function in module.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"imports inside {function.name}() in line {node.lineno}"


def no_star_imports(module: Module) -> Iterator[str]:
    for name in sorted(module.imports):
        if name.endswith(".*"):
            yield f"imports everything from {name.removesuffix('.*')}"


def no_signals(module: Module) -> Iterator[str]:
    for name in sorted(module.imports_any(SIGNALS)):
        yield f"uses signals ({name})"


RULES: tuple[Rule, ...] = (
    imports_point_downwards,
    rules_are_pure,
    models_are_shape,
    queries_only_read,
    services_see_no_request,
    channels_do_not_know_the_database,
    only_channels_and_gateways_reach_outside,
    tasks_only_say_when,
    faces_do_not_write,
    no_bare_save,
    no_imports_inside_functions,
    no_star_imports,
    no_signals,
)


def violations(module: Module, rules: tuple[Rule, ...] = RULES) -> list[str]:
    return [f"{module.path}: {found} ({rule.__name__})" for rule in rules for found in rule(module)]
