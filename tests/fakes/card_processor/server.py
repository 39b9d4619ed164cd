"""The fake processor over HTTP: routes, idempotency keys and faults."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fakes.card_processor.ledger import Record
from tests.fakes.card_processor.page import visit
from tests.fakes.card_processor.params import Refused, parse

if TYPE_CHECKING:
    from tests.fakes.card_processor import FakeCardProcessor

ROUTES: list[tuple[str, str, str, str]] = [
    ("POST", r"/v1/checkout/sessions", "checkout.SessionCreateParams", "create_session"),
    ("GET", r"/v1/checkout/sessions/(cs_\w+)", "checkout.SessionRetrieveParams", "checkout.session"),
    ("POST", r"/v1/checkout/sessions/(cs_\w+)/expire", "checkout.SessionExpireParams", "expire_session"),
    ("GET", r"/v1/payment_intents/(pi_\w+)", "PaymentIntentRetrieveParams", "payment_intent"),
    ("GET", r"/v1/charges/(ch_\w+)", "ChargeRetrieveParams", "charge"),
    ("POST", r"/v1/refunds", "RefundCreateParams", "create_refund"),
    ("GET", r"/v1/refunds", "RefundListParams", "refunds"),
    ("GET", r"/v1/refunds/(re_\w+)", "RefundRetrieveParams", "refund"),
    ("POST", r"/v1/customers", "CustomerCreateParams", "create_customer"),
    ("GET", r"/v1/disputes", "DisputeListParams", "disputes"),
    ("POST", r"/v1/disputes/(du_\w+)", "DisputeUpdateParams", "update_dispute"),
    ("GET", r"/v1/payouts", "PayoutListParams", "payouts"),
    ("GET", r"/v1/balance_transactions", "BalanceTransactionListParams", "balance_transactions"),
    ("GET", r"/v1/events", "EventListParams", "events"),
]
LISTS = {"events": "event", "disputes": "dispute", "refunds": "refund", "payouts": "payout"}
LISTS |= {"balance_transactions": "balance_transaction"}
FAULTS = ("drop_before", "drop_after", "error_before", "error_after", "busy", "delay")
BUSY_ERROR = {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}
FAULT_ERROR = {"type": "api_error", "message": "An unknown error occurred."}


@dataclass
class Fault:
    """The next `times` requests whose path contains `path` meet it; `seconds` is for delay."""

    kind: str
    path: str = ""
    times: int = 1
    seconds: float = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeCardProcessor  # set on a subclass by `serve`

    def do_GET(self) -> None:
        self._handle("")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def _handle(self, body: str) -> None:
        self.fake.requests.append((self.command, self.path, body))
        fault = self.fake.next_fault(self.path)
        kind = fault.kind if fault else ""
        if fault and kind == "delay":
            time.sleep(fault.seconds)
        if kind == "drop_before":
            return self._drop()
        if kind == "busy":
            return self._json(
                429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Slow."}}
            )
        if kind == "error_before":
            return self._json(500, {"error": FAULT_ERROR})
        if urlsplit(self.path).path.startswith("/c/pay/"):
            return self._page(body)
        status, answer, is_replay = self._api(body, kind == "error_after")
        if kind == "drop_after":
            return self._drop()
        return self._json(status, answer, is_replay=is_replay)

    def _api(self, body: str, breaks_after: bool) -> tuple[int, Record, bool]:
        """Answers under an idempotency key are kept, a 500 as well; refusals are not."""
        if self.headers.get("Authorization") != f"Bearer {self.fake.secret_key}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}}, False
        key = self.headers.get("Idempotency-Key") if self.command == "POST" else None
        try:
            with self.fake.ledger.lock:
                known = self.fake.answers_by_key.get(key) if key else None
                if known:
                    if known[0] != (self.path, body):
                        message = "Keys for idempotent requests can only be used with the same parameters."
                        raise Refused(message, kind="idempotency_error")
                    return known[1], known[2], True
                answer = json.loads(json.dumps(self._route(body)))
                status = 500 if breaks_after else 200
                answer = {"error": FAULT_ERROR} if breaks_after else answer
                if key:
                    self.fake.answers_by_key[key] = ((self.path, body), status, answer)
                return status, answer, False
        except Refused as refused:
            return refused.status, {"error": refused.error}, False

    def _route(self, body: str) -> Record:
        parts = urlsplit(self.path)
        for method, pattern, typed_dict, action in ROUTES:
            found = re.fullmatch(pattern, parts.path)
            if found and method == self.command:
                params = parse(body if method == "POST" else parts.query, typed_dict)
                return self._answer(action, list(found.groups()), params)
        raise Refused(f"Unrecognized request URL ({self.command}: {parts.path}).", status=404)

    def _answer(self, action: str, ids: list[str], params: Record) -> Record:
        ledger = self.fake.ledger
        expand = params.pop("expand", [])
        if action in LISTS:
            return self._list(action, params, expand)
        if action == "update_dispute":
            return expanded(ledger.update_dispute(*ids, params), expand, ledger.objects)
        if action == "expire_session":
            return expanded(ledger.expire_session(*ids), expand, ledger.objects)
        if action.startswith("create_"):
            return expanded(getattr(ledger, action)(params), expand, ledger.objects)
        return expanded(ledger.get(ids[0], action), expand, ledger.objects)

    def _list(self, name: str, params: Record, expand: list[str]) -> Record:
        """Newest first, a page at a time."""
        ledger = self.fake.ledger
        found = list(ledger.events if name == "events" else ledger.of_kind(LISTS[name]))[::-1]
        for field in ("charge", "payment_intent", "payout"):
            found = [record for record in found if params.get(field) in (None, record.get(field))]
        if "types" in params:
            if len(params["types"]) > 20:
                raise Refused("You may list at most 20 types.", param="types")
            found = [record for record in found if record["type"] in params["types"]]
        created = params.get("created", {})
        since = created.get("gte", 0) if isinstance(created, dict) else created
        found = [record for record in found if record["created"] >= since]
        if "starting_after" in params:
            ids = [record["id"] for record in found]
            found = found[ids.index(params["starting_after"]) + 1 :]
        limit = min(params.get("limit", 10), 100)
        rest = [path.removeprefix("data.") for path in expand]
        shown = [expanded(record, rest, ledger.objects) for record in found[:limit]]
        return {"object": "list", "url": f"/v1/{name}", "has_more": len(found) > limit, "data": shown}

    def _page(self, body: str) -> None:
        status, html, location = visit(self.fake, urlsplit(self.path).path.removeprefix("/c/pay/"), body)
        headers = {"Location": location} if location else {"Content-Type": "text/html; charset=utf-8"}
        self._reply(status, html, headers)

    def _json(self, status: int, answer: Record, *, is_replay: bool = False) -> None:
        headers = {"Content-Type": "application/json", "Request-Id": f"req_{len(self.fake.requests)}"}
        headers |= {"Idempotent-Replayed": "true"} if is_replay else {}
        headers |= {"Stripe-Should-Retry": "false"} if status == 500 else {}
        self._reply(status, json.dumps(answer), headers)

    def _reply(self, status: int, text: str, headers: dict[str, str]) -> None:
        body = text.encode()
        try:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the other side did not wait

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests stay quiet; `fake.requests` has it all."""


def expanded(record: Record, paths: list[str], objects: dict[str, Record]) -> Record:
    """A copy without our private fields, with ids replaced by objects along each path such as "intent.charge"."""
    shown = {name: value for name, value in record.items() if not name.startswith("_")}
    for name in dict.fromkeys(path.split(".")[0] for path in paths):
        if name == "refunds" and record["object"] == "charge":
            shown[name] = refunds_of(record, objects)
            continue
        if name not in shown or shown[name] not in [None, *objects]:
            raise Refused(f"This property cannot be expanded ({name}).", param="expand")
        rest = [path.partition(".")[2] for path in paths if path.split(".")[0] == name and "." in path]
        if shown[name] is not None:
            shown[name] = expanded(objects[shown[name]], rest, objects)
    return shown


def refunds_of(charge: Record, objects: dict[str, Record]) -> Record:
    """Only shown when asked for; newest first."""
    found = [one for one in list(objects.values()) if one["object"] == "refund" and one["charge"] == charge["id"]]
    return {"object": "list", "url": f"/v1/charges/{charge['id']}/refunds", "has_more": False, "data": found[::-1]}


def serve(fake: FakeCardProcessor) -> ThreadingHTTPServer:
    """Listens on a free port of the loopback, in threads that die with the test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"fake": fake}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
