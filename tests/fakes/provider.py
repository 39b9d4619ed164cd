"""A provider over HTTP, on real sockets: of text messages, mail (Postmark, Twilio) or letters (Pingen). It keeps what
it takes, and misbehaves when told to.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs

REFUSE, ACCEPT_THEN_SILENT, DROP, BUSY = "refuse", "accept then silent", "drop", "busy"


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Provider:
    """`fault` says what happens to a request; `answer` makes the body of a yes. `taken` is what would be delivered."""

    def __init__(self, answer: Callable[[Request, int], Any] | None = None) -> None:
        self.requests: list[Any] = []
        self.taken: list[Any] = []
        self.keep: Callable[[Request], Any] = lambda request: request  # less of it, where there are many
        self.fault: Callable[[Request], str] = lambda request: ""
        self.answer = answer or (lambda request, n: {"id": f"m{n}"})
        self.status = 0  # answered to everything, when it is set
        self.port = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handle(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        fault = self.fault(request)
        with self._lock:
            self.requests.append(self.keep(request))
            if fault in ("", ACCEPT_THEN_SILENT) and not self.status:
                self.taken.append(self.keep(request))
            n = len(self.taken)
        if fault in (ACCEPT_THEN_SILENT, DROP):
            handler.close_connection = True
            return
        status = self.status or {REFUSE: 400, BUSY: 503}.get(fault, 200)
        body = {"message": "no", "detail": "no"} if status >= 300 else self.answer(request, n)
        said = json.dumps(body).encode()
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", self.url + "/elsewhere")
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            provider.handle(Request(self.command, self.path, dict(self.headers), body), self)

        do_GET = do_POST = do_PUT = take

        def log_message(self, *args: Any) -> None:
            return None

    return Handler


@contextmanager
def running_provider(answer: Callable[[Request, int], Any] | None = None) -> Iterator[Provider]:
    provider = Provider(answer)
    server = _Server(("127.0.0.1", 0), _handler(provider))
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def as_postmark(request: Request, n: int) -> Any:
    return {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{n}", "SubmittedAt": "2026-03-10T09:00:00Z"} | {
        "To": request.json.get("To", "")
    }


def postmark_settings(provider: Provider) -> dict[str, Any]:
    """Django settings that send mail to a Postmark of ours."""
    anymail = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": provider.url, "REQUESTS_TIMEOUT": 5}
    return {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "MAIL_PROVIDER": "postmark", "ANYMAIL": anymail}
