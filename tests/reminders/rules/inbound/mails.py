"""Mails as they come back, written by hand after the standards and what servers send. No real addresses."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

OURS = "<notice-7f3a@northwind.example>"


def parse(raw: str | bytes) -> EmailMessage:
    return message_from_bytes(raw.encode() if isinstance(raw, str) else raw, policy=policy.default)


def plain(text: str = "Hello", subject: str = "Re: Invoice INV-00012", **headers: str) -> EmailMessage:
    """A mail of one text part; `In_Reply_To="<a@b>"` names a header."""
    lines = {"From": "Ann Lee <ann@acme.example>", "To": "accounts@northwind.example", "Subject": subject}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "\n".join(f"{name}: {value}" for name, value in lines.items())
    return parse(f"{head}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n")


def dsn(
    action: str = "failed",
    status: str = "5.1.1",
    *,
    to: str = "rfc822; ann@acme.example",
    enclosed: str = "text/rfc822-headers",
    report_type: str = "; report-type=delivery-status",
    diagnostic: str = "smtp; 550 5.1.1 no such user",
) -> EmailMessage:
    """A delivery status notification (RFC 3464)."""
    return parse(
        f"""From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>
To: accounts@northwind.example
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report{report_type}; boundary="b1"

--b1
Content-Type: text/plain

I could not deliver your mail.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: {to}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--b1
Content-Type: {enclosed}

From: accounts@northwind.example
To: ann@acme.example
Message-ID: {OURS}
Subject: Invoice INV-00012

--b1--
"""
    )


def complaint() -> EmailMessage:
    """An abuse report (RFC 5965)."""
    return parse(
        f"""From: <feedback@provider.example>
To: abuse@northwind.example
Subject: FW: Invoice INV-00012
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an e-mail abuse report.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <ann@acme.example>

--b1
Content-Type: message/rfc822

From: accounts@northwind.example
To: ann@acme.example
Message-ID: {OURS}
Subject: Invoice INV-00012

Please pay.

--b1--
"""
    )


def read_receipt() -> EmailMessage:
    """A message disposition notification (RFC 8098)."""
    return parse(
        f"""From: Ann Lee <ann@acme.example>
To: accounts@northwind.example
Subject: Read: Invoice INV-00012
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b1"

--b1
Content-Type: text/plain

Your message was displayed.

--b1
Content-Type: message/disposition-notification

Final-Recipient: rfc822; ann@acme.example
Original-Message-ID: {OURS}
Disposition: manual-action/MDN-sent-manually; displayed

--b1--
"""
    )


QMAIL = """From: MAILER-DAEMON@mx.acme.example
To: accounts@northwind.example
Subject: failure notice
Return-Path: <>

Hi. This is the qmail-send program at mx.acme.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@acme.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
"""

EXIM = """From: Mail Delivery System <Mailer-Daemon@mx.acme.example>
To: accounts@northwind.example
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: ann@acme.example
Return-Path: <>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@acme.example
    no such user
"""

HTML_ONLY = """From: Ann Lee <ann@acme.example>
To: accounts@northwind.example
Subject: Re: Invoice
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><head><title>x</title><style>p { color: red }</style></head><body><p>We pay on&nbsp;Friday &amp; not before.</p>
<script>alert(1)</script><div>Ann</div></body></html>
"""

BAD_CHARSET = b"""From: Ann Lee <ann@acme.example>
To: accounts@northwind.example
Subject: =?x-unknown?B?//8=?=
Content-Type: text/plain; charset="no-such-charset"
Content-Transfer-Encoding: 8bit

Gr\xfc\xdfe, we pay on Friday.
"""

BROKEN_MULTIPART = """From: Ann Lee <ann@acme.example>
Subject: Re: Invoice
Content-Type: multipart/mixed; boundary="never"

There is no boundary anywhere.
"""

NO_FROM = """Subject: Undeliverable
Return-Path: <>

<ann@acme.example>: unknown
"""

TWO_FROMS = """From: a@acme.example
From: b@acme.example
Subject: Re: Invoice

Which one am I?
"""

INJECTED = """From: "Ann\tLee" <ann@acme.example>
Subject: Re: Invoice
In-Reply-To: <a@b> <script>alert(1)</script> <notice-7f3a@northwind.example>

Hello.
"""

LYING_REPORT = """From: ann@acme.example
Subject: Re: Invoice
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

No status in here at all.

--b1--
"""
