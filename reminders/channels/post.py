"""Letters through a post provider, Pingen (https://api.pingen.com/documentation), which prints and posts PDFs.

Without POST_URL letters wait on the letters page and are printed and posted by hand. The address stands on the letter
itself, in the window; all files of a letter go as one PDF. The Message-ID is the idempotency key.
"""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from django.conf import settings
from pypdf import PdfReader, PdfWriter

from .base import Channel, ChannelDown, ChannelError, Message, OutcomeUnknown
from .http import Answer, ask, check

WHO = "The post provider"
JSON_API = "application/vnd.api+json"
API, IDENTITY = "https://api.pingen.com", "https://identity.pingen.com"
CHOICES = {"product": "cheap", "mode": "simplex", "spectrum": "grayscale", "address": "left"}


class PostChannel(Channel):
    """POST_URL=pingen://CLIENT_ID:CLIENT_SECRET@ORGANISATION_ID?product=cheap&mode=simplex&address=left"""

    def set_up_as(self) -> str:
        return "Pingen" if settings.POST_URL else ""

    def send(self, message: Message) -> str | None:
        if not settings.POST_URL:
            raise ChannelDown("No post provider is set up: POST_URL is empty.")
        parts = urlsplit(settings.POST_URL)
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        base = options.get("api", API)
        try:
            token = _token(unquote(parts.username or ""), unquote(parts.password or ""), options)
            upload = _upload(base, token, _one_pdf(message))
        except OutcomeUnknown as exc:
            raise ChannelError(str(exc)) from exc  # nothing is ordered yet
        letter = {
            "file_original_name": message.attachments[0].name[:255],
            "file_url": upload["url"],
            "file_url_signature": upload["url_signature"],
            "address_position": options.get("address", CHOICES["address"]),
            "auto_send": True,
            "delivery_product": options.get("product", CHOICES["product"]),
            "print_mode": options.get("mode", CHOICES["mode"]),
            "print_spectrum": options.get("spectrum", CHOICES["spectrum"]),
        }
        body = json.dumps({"data": {"type": "letters", "attributes": letter}}).encode()
        key = message.message_id.strip("<>").partition("@")[0][:64]
        headers = {**_bearer(token), "Content-Type": JSON_API, "Idempotency-Key": key}
        url = f"{base}/organisations/{unquote(parts.netloc.rpartition('@')[2])}/letters"
        found = _data(check(ask("POST", url, body=body, headers=headers), WHO))
        return str(found.get("id", ""))[:120]


def _one_pdf(message: Message) -> bytes:
    if not message.attachments:
        raise ChannelError("This letter has no page.", is_permanent=True)
    writer = PdfWriter()
    for attachment in message.attachments:
        for page in PdfReader(io.BytesIO(attachment.content)).pages:
            writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _token(client_id: str, secret: str, options: dict[str, str]) -> str:
    given = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": "letter"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{options.get('identity', IDENTITY)}/auth/access-tokens"
    answer = check(ask("POST", url, body=urlencode(given).encode(), headers=headers), WHO)
    return str(_read(answer).get("access_token", ""))


def _upload(base: str, token: str, pdf: bytes) -> dict[str, object]:
    """Where the file lies now, with the signature that lets a letter name it."""
    place = _data(check(ask("GET", f"{base}/file-upload", headers=_bearer(token)), WHO))
    attributes = place.get("attributes")
    if not isinstance(attributes, dict) or not {"url", "url_signature"} <= attributes.keys():
        raise ChannelError(f"{WHO} gave no place for the file.")
    check(ask("PUT", str(attributes["url"]), body=pdf, headers={"Content-Type": "application/pdf"}), WHO)
    return attributes


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": JSON_API}


def _data(answer: Answer) -> dict[str, object]:
    data = _read(answer).get("data")
    return data if isinstance(data, dict) else {}


def _read(answer: Answer) -> dict[str, object]:
    try:
        found = json.loads(answer.text)
    except ValueError as exc:
        raise OutcomeUnknown(f"{WHO}'s answer cannot be read: {answer.text}"[:300]) from exc
    return found if isinstance(found, dict) else {}
