"""Refuses requests as Stripe does, by the TypedDicts of the installed `stripe` package, so it cannot drift from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import parse_qsl

import stripe
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import get_type_hints, is_typeddict

# Names in the options of a call (never on the wire) that the modules of the parameters do not know.
UNRESOLVED = {"StripeContext": object, "Mapping": Mapping}
OPTIONS = frozenset(RequestOptions.__annotations__)


class Refused(Exception):
    """An answer of the 400 family, in Stripe's words."""

    def __init__(self, message: str, *, code: str = "", param: str = "", status: int = 400, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind or "invalid_request_error", "message": message}
        self.error |= {key: value for key, value in (("code", code), ("param", param)) if value}


def parse(encoded: str, typed_dict: str) -> dict[str, Any]:
    """The parameters of a form body or query, checked against a class of `stripe.params` ("RefundCreateParams")."""
    params = nested(parse_qsl(encoded, keep_blank_values=True))
    return _typed_dict(params, _resolve(typed_dict), "")


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """a[b][0][c]=1 becomes {"a": {"b": {"0": {"c": "1"}}}}; lists are told from objects by their type later."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        name, *rest = re.findall(r"[^\[\]]+", key)
        place = root
        for step in rest:
            place = place.setdefault(name, {})
            name = step
        place[name] = value
    return root


@cache
def _resolve(path: str) -> type:
    module, _, name = path.rpartition(".")
    place: Any = stripe.params
    for part in filter(None, module.split(".")):
        place = getattr(place, part)
    return getattr(place, name)


@cache
def _hints(typed_dict: type) -> dict[str, Any]:
    hints = get_type_hints(typed_dict, localns=UNRESOLVED, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS}


def _typed_dict(value: Any, typed_dict: type, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused("Invalid object", code="parameter_invalid", param=at)
    hints = _hints(typed_dict)
    for name in value:
        if name not in hints:
            param = _path(at, name)
            raise Refused(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    for name, hint in hints.items():
        if get_origin(hint) is not NotRequired and name not in value:
            raise Refused(
                f"Missing required param: {_path(at, name)}.", code="parameter_missing", param=_path(at, name)
            )
    return {name: _value(inner, hints[name], _path(at, name)) for name, inner in value.items()}


def _value(value: Any, hint: Any, at: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return _value(value, args[0], at)
    if origin in (Union, UnionType):
        return _one_of(value, args, at)
    if is_typeddict(hint):
        return _typed_dict(value, hint, at)
    if origin is list:
        return _list(value, args[0], at)
    if origin is dict or origin is UntypedStripeObject:
        return _metadata(value, at)
    if origin is Literal:
        if value not in args:
            raise Refused(f"Invalid {at}: must be one of {', '.join(args)}", param=at)
        return value
    return _scalar(value, hint, at)


def _one_of(value: Any, hints: tuple[Any, ...], at: str) -> Any:
    """`Literal[...] | str` is the package's way to stay open for new values; the service itself knows its values."""
    closed = [hint for hint in hints if get_origin(hint) is Literal and get_args(hint) != ("",)]
    tried = [hint for hint in hints if not (closed and hint is str)]
    refusals = []
    for hint in tried:
        try:
            return _value(value, hint, at)
        except Refused as refused:
            refusals.append(refused)
    raise max(refusals, key=lambda refused: len(refused.error.get("param", "")))


def _list(value: Any, hint: Any, at: str) -> list[Any]:
    if not isinstance(value, dict) or any(not name.isdigit() for name in value):
        raise Refused("Invalid array", code="parameter_invalid", param=at)
    return [_value(value[name], hint, f"{at}[{name}]") for name in sorted(value, key=int)]


def _metadata(value: Any, at: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 50:
        raise Refused("Metadata is a hash of at most 50 keys.", param=at)
    for name, text in value.items():
        if not isinstance(text, str) or len(name) > 40 or len(text) > 500:
            raise Refused("Metadata keys have 40, values 500 characters at most.", param=_path(at, name))
    return {name: text for name, text in value.items() if text}


def _scalar(value: Any, hint: Any, at: str) -> Any:
    if not isinstance(value, str):
        raise Refused(f"Invalid {getattr(hint, '__name__', hint)}: a hash", param=at)
    if hint is int:
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise Refused(f"Invalid integer: {value}", code="parameter_invalid_integer", param=at)
        return int(value)
    if hint is bool:
        if value not in ("true", "false", "True", "False"):
            raise Refused(f"Invalid boolean: {value}", param=at)
        return value.lower() == "true"
    if hint is Decimal:
        try:
            return Decimal(value)
        except InvalidOperation:
            raise Refused(f"Invalid decimal: {value}", param=at)
    if value == "":
        raise Refused(f"You passed an empty string for '{at}'.", code="parameter_invalid_empty", param=at)
    return value


def _path(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name
