from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string

from ..rules.allocation import ClaimOrder
from ..rules.statement import StatementKind
from .fields import currency_field, money_field


def random_portal_id() -> str:
    return get_random_string(20)


class DebtorType(models.TextChoices):
    """Changes interest, letters, consent and contact caps (design: law.md)."""

    COMPANY = "company", "Company"
    SOLE_TRADER = "sole_trader", "Sole trader"
    CONSUMER = "consumer", "Consumer"
    PUBLIC = "public", "Public body"


class CreditPolicy(models.TextChoices):
    WARN = "warn", "Warn"
    STOP = "stop", "Stop"


class StatementSchedule(models.TextChoices):
    NEVER = "never", "Only when asked for"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"


class Client(models.Model):
    """Who owes. The unit of planning: everything that is decided about dunning is decided per client."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    debtor_type = models.CharField(max_length=12, choices=DebtorType, default=DebtorType.COMPANY)
    currency = currency_field(default="GBP")
    language = models.CharField(max_length=5, default="en")
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    address = models.TextField(blank=True, help_text="As printed on letters, one line a row.")
    segment = models.CharField(
        max_length=40, blank=True, db_default="", help_text="A word of yours, such as key account; procedures may ask."
    )
    tax_number = models.CharField(max_length=60, blank=True)
    terms = models.ForeignKey("invoices.PaymentTerms", models.PROTECT, null=True, blank=True, related_name="+")
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="clients"
    )
    # Pays for this client too: its receipts may settle this client's invoices.
    payer = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="group")
    claim_order = models.CharField(
        max_length=15,
        choices=[(order.value, order.label) for order in ClaimOrder],
        blank=True,
        db_default="",
        help_text="What its money pays first, where nobody said; empty: as in our settings.",
    )
    registration_number = models.CharField(max_length=60, blank=True, db_default="")
    credit_limit = money_field(null=True, blank=True)
    credit_policy = models.CharField(
        max_length=5,
        choices=CreditPolicy,
        default=CreditPolicy.WARN,
        db_default=CreditPolicy.WARN,
        help_text="What happens when a new invoice would go over the credit limit.",
    )
    check_in_on = models.DateField(null=True, blank=True, help_text="The next regular talk with a good client.")
    is_credit_hold = models.BooleanField(default=False)
    late_charge_rule = models.CharField(
        max_length=40, blank=True, db_default="", help_text="Interest scheme, such as uk-1998; empty: none is charged."
    )
    late_charge_rate = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Percent a year, where the contract agrees one.",
    )
    is_late_charge_automatic = models.BooleanField(
        default=False, db_default=False, help_text="Issue late charges without asking; otherwise they wait as drafts."
    )
    is_late_charge_monthly = models.BooleanField(
        default=False, db_default=False, help_text="One document a month for all invoices; otherwise one per invoice."
    )
    statement_schedule = models.CharField(
        max_length=9,
        choices=StatementSchedule,
        default=StatementSchedule.NEVER,
        db_default=StatementSchedule.NEVER,
        help_text="How often a statement of account goes out by mail.",
    )
    statement_layout = models.CharField(
        max_length=15,
        choices=[(k.value, k.label) for k in StatementKind],
        default=StatementKind.OPEN_ITEM.value,
        db_default=StatementKind.OPEN_ITEM.value,
    )
    processor_customer_id = models.CharField(max_length=120, blank=True, db_default="", editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Collections looks at this client again on this date. Null: nothing is owed.
    review_on = models.DateField(null=True, editable=False)

    class Meta:
        indexes = [
            # reminders.queries.clients_due: WHERE review_on <= today ORDER BY review_on, id
            models.Index(fields=["review_on", "id"], name="client_to_review", condition=Q(review_on__isnull=False)),
            models.Index(fields=["name", "id"], name="client_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactRole(models.TextChoices):
    ACCOUNTS_PAYABLE = "accounts_payable", "Accounts payable"
    DECISION_MAKER = "decision_maker", "Decision maker"
    BUYER = "buyer", "Buyer"
    OTHER = "other", "Other"


class EmailState(models.TextChoices):
    OK = "ok", "Works"
    BOUNCED = "bounced", "Bounced"
    REFUSED = "refused", "Opted out"


class Contact(models.Model):
    """A person at a client. The portal link is signed over `portal_id` and `portal_version`; raising it revokes"""

    client = models.ForeignKey(Client, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120, blank=True)
    first_name = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=20, choices=ContactRole, default=ContactRole.ACCOUNTS_PAYABLE)
    email = models.EmailField(blank=True)
    email_state = models.CharField(max_length=8, choices=EmailState, default=EmailState.OK)
    phone = models.CharField(max_length=40, blank=True)
    is_phone_dead = models.BooleanField(default=False)
    has_sms_consent = models.BooleanField(default=False)
    is_primary = models.BooleanField(default=False)
    refuses_calls = models.BooleanField(default=False, db_default=False)
    receives_reminders = models.BooleanField(default=True)
    receives_invoices = models.BooleanField(default=True, db_default=True)
    receives_statements = models.BooleanField(default=True, db_default=True)
    language = models.CharField(max_length=5, blank=True, db_default="", help_text="Empty: the client's.")
    is_active = models.BooleanField(default=True)
    portal_id = models.CharField(max_length=20, unique=True, default=random_portal_id, editable=False)
    portal_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(is_primary=True, is_active=True), name="one_primary_contact"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email or "Contact"
