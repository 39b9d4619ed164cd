"""Which kind of message came back: bounce, complaint, machine, or person (design: safety.md, "What comes in").

In this order: a report says what it is (RFC 3464, 5965, 8098); then bounces in formats of their own; then what headers
say (RFC 3834); then the words of the subject. What is left was written by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage, Message
from email.utils import getaddresses, parseaddr
from typing import NamedTuple

from flufl.bounce import all_failures

from .phrases import AUTO_REPLY_SUBJECTS, OUT_OF_OFFICE, STOP_WORDS
from .trimming import new_part

MOST_TEXT = 200_000
MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


class Told(NamedTuple):
    """`kind` as `InboundKind` names it. `failed`: addresses a bounce is about; `about`: Message-IDs it refers to."""

    kind: str
    text: str = ""
    failed: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    detail: str = ""


def tell_apart(mail: EmailMessage) -> Told:
    """Never raises on a mail that could be parsed at all, however broken."""
    text = plain_text(mail)
    about = tuple(dict.fromkeys([*references(mail), *_enclosed_ids(mail)]))
    report = _report_type(mail)
    if report == "feedback-report":
        return Told("complaint", text, _addresses(mail, "original-rcpt-to"), about, "Marked as unwanted")
    if report == "disposition-notification":
        return Told("read_receipt", text, about=about)
    if report == "delivery-status":
        return _by_delivery_status(mail, text, about)
    permanent, temporary = _own_formats(mail)
    if permanent:
        return Told("hard_bounce", text, permanent, about)
    if temporary:
        return Told("soft_bounce", text, temporary, about)
    return Told(_by_words(mail, text), text, about=about)


def _by_words(mail: EmailMessage, text: str) -> str:
    subject = header(mail, "subject").lower()
    written = new_part(text)
    if any(phrase in subject for phrase in OUT_OF_OFFICE):
        return "out_of_office"
    if subject.startswith(AUTO_REPLY_SUBJECTS) or _is_automatic(mail):
        return "out_of_office" if any(phrase in written.lower() for phrase in OUT_OF_OFFICE) else "auto_reply"
    if is_stop(written) or (not written and is_stop(subject)):
        return "opt_out"
    return "reply"


def is_stop(text: str) -> bool:
    """Nothing but a word that means "no more", with or without a full stop or capitals."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split()) in STOP_WORDS


def _is_automatic(mail: EmailMessage) -> bool:
    auto = header(mail, "auto-submitted").lower()
    if auto and not auto.startswith("no"):
        return True
    if any(header(mail, name) for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress-reply")):
        return True
    if header(mail, "return-path").strip() == "<>":
        return True
    return header(mail, "precedence").strip().lower() in ("auto_reply", "bulk", "junk")


def _report_type(mail: EmailMessage) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    declared = str(mail.get_param("report-type", "")).lower()
    if declared:
        return declared
    kinds = {part.get_content_type() for part in mail.walk()}
    return next((k.partition("/")[2] for k in kinds if k in ("message/delivery-status", "message/feedback-report")), "")


def _by_delivery_status(mail: EmailMessage, text: str, about: tuple[str, ...]) -> Told:
    """RFC 3464: action failed with a status of class 5 is final; delayed, or class 4, is not; anything else is news."""
    failed, delayed, detail = [], [], ""
    for fields in _status_fields(mail):
        address = _address_of(fields)
        action, status = (fields.get(name) or "" for name in ("action", "status"))
        detail = detail or " ".join((fields.get("diagnostic-code") or status).split())
        if str(action).strip().lower() == "failed" and not str(status).startswith("4."):
            failed.append(address)
        elif str(action).strip().lower() in ("failed", "delayed"):
            delayed.append(address)
    if failed:
        # A full mailbox is final for this mail, not for the address (RFC 3463: X.2.2).
        is_full = all(str(f.get("status") or "").strip() == "5.2.2" for f in _status_fields(mail))
        return Told("soft_bounce" if is_full else "hard_bounce", text, _clean(failed), about, detail[:300])
    if delayed:
        return Told("soft_bounce", text, _clean(delayed), about, detail[:300])
    return Told("read_receipt", text, about=about, detail="Delivered")


def _status_fields(mail: EmailMessage) -> list[Message]:
    """The fields of each recipient; the first block of a status part is about the mail as a whole."""
    blocks: list[Message] = []
    for part in mail.walk():
        payload = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for block in payload if isinstance(payload, list) else ():
            if isinstance(block, Message) and (block.get("final-recipient") or block.get("action")):
                blocks.append(block)
    return blocks


def _address_of(fields: Message) -> str:
    given = str(fields.get("original-recipient") or fields.get("final-recipient") or "")
    return given.partition(";")[2].strip() or given.strip()


def _own_formats(mail: EmailMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Bounces of servers that keep to no standard, as (permanent, temporary) addresses."""
    if not _may_be_bounce(mail):
        return (), ()
    try:
        temporary, permanent = all_failures(mail)
    except Exception:  # it raises many kinds on mails without From or with broken parts
        return (), ()
    return _clean(_as_text(permanent)), _clean(_as_text(temporary))


def _as_text(addresses: Iterable[object]) -> list[str]:
    return [a.decode("ascii", "replace") if isinstance(a, bytes) else str(a) for a in addresses]


def _may_be_bounce(mail: EmailMessage) -> bool:
    """Only a machine bounces: a person who quotes a bounce is no bounce."""
    name, address = parseaddr(header(mail, "from"))
    local = address.partition("@")[0].lower()
    known = ("mailer-daemon", "postmaster", "mail-daemon", "bounce", "bounces", "mailadmin", "noreply-bounce")
    if not address:
        return False
    return header(mail, "return-path").strip() == "<>" or local in known or "mail delivery" in name.lower()


def plain_text(mail: EmailMessage) -> str:
    """The words as text; of HTML the text between the tags. Empty when there is none."""
    try:
        body = mail.get_body(preferencelist=("plain", "html"))
    except (AttributeError, KeyError, ValueError):
        body = None
    if body is None:
        return ""
    try:
        content = str(body.get_content())[:MOST_TEXT]
    except (LookupError, ValueError, AttributeError, KeyError):
        raw = body.get_payload(decode=True)
        content = raw.decode("utf-8", "replace")[:MOST_TEXT] if isinstance(raw, bytes) else ""
    content = content.replace("\x00", "")
    return _untagged(content) if body.get_content_subtype() == "html" else content


def _untagged(html: str) -> str:
    html = re.sub(r"(?is)<(script|style|head|title)\b.*?(</\1\s*>|\Z)", " ", html)
    html = re.sub(r"(?i)<(br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", "\n", html)
    text = re.sub(r"(?s)<[^>]*>", " ", html)
    for entity, sign in (
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(entity, sign)
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def header(mail: Message, name: str) -> str:
    """A header as text, empty when missing or broken."""
    try:
        return " ".join(str(mail.get(name) or "").split())
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return ""


def references(mail: Message) -> list[str]:
    """The Message-IDs that a mail answers, nearest first."""
    found = MESSAGE_ID.findall(header(mail, "in-reply-to"))
    return found + MESSAGE_ID.findall(header(mail, "references"))[::-1][:50]


def _enclosed_ids(mail: EmailMessage) -> list[str]:
    """The Message-IDs of mails enclosed in whole or as headers only, as bounces and complaints do."""
    found = []
    for part in list(mail.walk())[:100]:
        if part is mail:
            continue
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            payload = part.get_payload(decode=True) or b""
            lines = payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""
            found += re.findall(r"(?im)^message-id:\s*(<[^<>\s]{3,250}>)", lines)
        else:
            found += MESSAGE_ID.findall(header(part, "message-id"))
    return found


def _addresses(mail: EmailMessage, field: str) -> tuple[str, ...]:
    found = []
    for part in mail.walk():
        if part.get_content_type() == "message/feedback-report":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            text = inner.as_string() if isinstance(inner, Message) else str(payload)
            found += re.findall(rf"(?im)^{field}:\s*<?([^\s<>]+@[^\s<>]+)>?", text)
    return _clean(found)


def _clean(addresses: Iterable[str]) -> tuple[str, ...]:
    pairs = getaddresses([address for address in addresses if address])
    return tuple(sorted({address.lower() for _, address in pairs if "@" in address}))


def reply_subject(subject: str) -> str:
    """Once "Re:", however often it was answered before."""
    bare = re.sub(r"(?i)^\s*((re|aw|antw|tr|rv|fwd?|wg)\s*:\s*)+", "", subject).strip()
    return f"Re: {bare}" if bare else "Your message"


def message_id_of(head: bytes) -> str:
    """The Message-ID in the first bytes of a mail; empty when it has none that is whole."""
    found = re.search(rb"(?im)^message-id:\s*(<[^<>\s]{3,250}>)", head.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0])
    return found[1].decode("ascii", "replace") if found else ""
