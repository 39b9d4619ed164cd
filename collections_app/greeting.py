"""What `manage.py run` tells when the web server answers: address, login, a portal link, where mail goes."""

from __future__ import annotations

from django.conf import settings

from collections_app.models import User
from invoices.models import Contact
from reminders.links import portal_url

# The demo company's finance manager. Shown only while this password still opens the account.
DEMO_USERNAME = "fay"
DEMO_PASSWORD = "collections-demo"


def greeting() -> str:
    lines = [("Staff", settings.SITE_URL + "/"), ("Login", _login())]
    if contact := _who_owes():
        lines.append(("Portal", f"{portal_url(contact)} (as {contact.client} sees it)"))
    if settings.EMAIL_BACKEND == "collections_app.mailbox.FolderBackend":
        lines.append(("Mail", f"written to {settings.MAIL_FOLDER} until EMAIL_URL is set"))
    body = "".join(f"  {label:<8}{text}\n" for label, text in lines)
    return f"\nReady.\n\n{body}\nCtrl-C stops it; the data stays in {settings.DATA_DIR}.\n"


def _login() -> str:
    user = User.objects.filter(username=DEMO_USERNAME, is_active=True).first()
    if user and user.check_password(DEMO_PASSWORD):
        return f"{DEMO_USERNAME} / {DEMO_PASSWORD}"
    if User.objects.exists():
        return "with your own account"
    return "none yet: '.venv/bin/python manage.py createsuperuser' makes the first"


def _who_owes() -> Contact | None:
    """A contact whose portal has something to pay; the demo's Slowco where it is loaded."""
    owing = Contact.objects.filter(is_active=True, client__review_on__isnull=False).select_related("client")
    return owing.filter(client__name__startswith="Slowco").first() or owing.order_by("client_id", "id").first()
