"""A small IMAP server on loopback (RFC 3501): what our reader says, and no more. It misbehaves when told to."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DATE = "10-Jun-2026 09:12:00 +0000"


class MailboxServer:
    """`mails` lie in order, `seen` are the numbers of those marked as read. `is_cut` drops the line at a fetch."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.seen: set[int] = set()
        self.said: list[str] = []
        self.is_cut = False
        self.password = "open sesame"
        self.url = ""

    def add(self, *mails: bytes) -> None:
        self.mails.extend(mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for mail in mails)

    def answer(self, command: str) -> list[bytes] | None:
        """The untagged lines; None drops the line."""
        self.said.append(command)
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"]
        if command.startswith("SELECT"):
            return [f"* {len(self.mails)} EXISTS".encode()]
        if command.startswith("UID SEARCH"):
            unseen = [str(n + 1) for n in range(len(self.mails)) if n + 1 not in self.seen]
            return [f"* SEARCH {' '.join(unseen)}".encode()]
        if found := re.match(r"UID FETCH (\d+) \((.*)\)", command):
            return None if self.is_cut else self._fetch(int(found[1]), found[2])
        if found := re.match(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.seen.add(int(found[1]))
        return []

    def _fetch(self, uid: int, what: str) -> list[bytes]:
        raw = self.mails[uid - 1]
        if "RFC822.SIZE" in what:
            return [f'* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{DATE}")'.encode()]
        if "HEADER" in what:
            raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return [f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}".encode() + b"\r\n" + raw + b")"]


@contextmanager
def a_mailbox_server() -> Iterator[MailboxServer]:
    mailbox = MailboxServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline().decode().strip():
                tag, _, command = line.partition(" ")
                if command.upper().startswith("LOGIN") and mailbox.password not in command:
                    self.wfile.write(f"{tag} NO wrong password\r\n".encode())
                    continue
                answer = mailbox.answer(command)
                if answer is None:
                    return
                self.wfile.write(b"".join(one + b"\r\n" for one in answer) + f"{tag} OK done\r\n".encode())
                if command == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        mailbox.url = f"imap://staff:open%20sesame@127.0.0.1:{server.server_address[1]}/INBOX"
        yield mailbox
        server.shutdown()
