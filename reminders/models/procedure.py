from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ProcedureStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    INACTIVE = "inactive", "Inactive"


class EntryPolicy(models.TextChoices):
    """Where items that are overdue already begin when a procedure is switched on."""

    FIRST = "first", "At the first level"
    FITTING = "fitting", "At the level that fits their age"
    NEW_ONLY = "new_only", "Not at all: only items issued from then on"


class DunningProcedure(models.Model):
    """Ordered levels and the limits between them. Days are calendar days unless a field says otherwise."""

    name = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=8, choices=ProcedureStatus, default=ProcedureStatus.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)
    minimum_interval_days = models.PositiveSmallIntegerField(
        default=3, help_text="Days between two contacts with the same client, of whatever kind."
    )
    tolerance_amount = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        default=1,
        help_text="An item with this much or less left to pay is not chased.",
    )
    is_business_days_only = models.BooleanField(
        default=True, help_text="Nothing is sent on weekends and public holidays of the client's country."
    )
    respects_contact_rules = models.BooleanField(
        default=True, db_default=True, help_text="Keep to the contact profiles: hours, caps, days without calls."
    )
    entry_policy = models.CharField(
        max_length=8, choices=EntryPolicy, default=EntryPolicy.FIRST, db_default=EntryPolicy.FIRST
    )
    switched_on = models.DateField(null=True, editable=False)
    bank_freshness_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Levels above the first wait when the newest receipt or import is older than this. Empty: never.",
    )
    pay_run_limit_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        db_default=10,
        default=10,
        help_text="A reminder moves at most so many days, to two business days before the next pay run. Empty: never.",
    )
    promise_grace_days = models.PositiveSmallIntegerField(default=2, help_text="Business days after a promised date.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_procedure")
        ]

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    EMAIL = "email", "Mail"
    SMS = "sms", "SMS"
    CALL = "call", "Call"
    LETTER = "letter", "Letter"
    WEBHOOK = "webhook", "Another system"
    DECIDE = "decide", "Decision by a person"


class Approval(models.TextChoices):
    AUTOMATIC = "automatic", "Goes out by itself"
    BATCH = "batch", "Approved in a batch"
    EACH = "each", "Approved one by one"


class LevelKind(models.TextChoices):
    REMINDER = "reminder", "Reminder"
    DEMAND = "demand", "Formal demand"
    FINAL = "final", "Final notice"
    DECISION = "decision", "Decision"


class DunningLevel(models.Model):
    """One step: when, by which channel, in which words."""

    procedure = models.ForeignKey(DunningProcedure, models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    days_past_due = models.SmallIntegerField(help_text="Negative: before the due date; such a level is optional.")
    is_in_business_days = models.BooleanField(default=False, help_text="Count the days as business days.")
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=8, choices=LevelKind, default=LevelKind.REMINDER)
    approval = models.CharField(max_length=9, choices=Approval, default=Approval.AUTOMATIC)
    template = models.CharField(max_length=40, help_text="Folder under templates/notices/.")
    minimum_amount = models.DecimalField(
        max_digits=18, decimal_places=3, default=0, help_text="Passed over when the client owes less than this."
    )
    deadline_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days from sending to the deadline printed; the next level waits for it."
    )
    too_late_days = models.PositiveSmallIntegerField(
        default=3, help_text="Business days after which an unsent notice is cancelled and planned afresh."
    )
    attaches_invoices = models.BooleanField(default=False)
    minimum_gap_days = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Days that have to lie between the level before and this one, at least."
    )
    has_sms_too = models.BooleanField(
        default=False, db_default=False, help_text="A mail of this level is also sent as SMS to who agreed to that."
    )
    has_second_contact = models.BooleanField(
        default=False, db_default=False, help_text="Also to a second contact, such as the decision maker."
    )
    is_from_manager = models.BooleanField(
        default=False, db_default=False, help_text="In the name of the client's account manager."
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["procedure", "position"], name="one_level_per_position")]

    def __str__(self) -> str:
        return f"{self.position} {self.name}"


class DunningAccount(models.Model):
    """How one client is dunned, where it differs from the default."""

    client = models.OneToOneField("invoices.Client", models.CASCADE, primary_key=True, related_name="dunning")
    procedure = models.ForeignKey(DunningProcedure, models.PROTECT, related_name="accounts")
    reason = models.CharField(max_length=200, blank=True, db_default="")

    def __str__(self) -> str:
        return f"{self.client_id}: {self.procedure_id}"


class InvoicePin(models.Model):
    """One invoice served by another procedure than its client, until released."""

    invoice = models.OneToOneField("invoices.Invoice", models.CASCADE, primary_key=True, related_name="dunning_pin")
    procedure = models.ForeignKey(DunningProcedure, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.procedure_id}"


class SegmentRule(models.Model):
    """Clients that fit are served by this procedure, unless pinned. The first that fits decides; empty fits all."""

    position = models.PositiveSmallIntegerField(unique=True)
    procedure = models.ForeignKey(DunningProcedure, models.CASCADE, related_name="segment_rules")
    currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=2, blank=True)
    debtor_type = models.CharField(max_length=12, blank=True)
    segment = models.CharField(max_length=40, blank=True)
    minimum_amount = models.DecimalField(
        max_digits=18, decimal_places=3, null=True, blank=True, help_text="Open, in the client's currency."
    )
    maximum_amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.procedure_id}"


class ProcedureVersion(models.Model):
    """What a procedure said from then on, kept as it was: evidence, never read by the planner."""

    procedure = models.ForeignKey(DunningProcedure, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["procedure", "number"], name="one_procedure_version")]

    def __str__(self) -> str:
        return f"{self.procedure_id} version {self.number}"


class PayRunDays(models.Model):
    """The days on which a client pays. `days` of the month (31: the last), or every `weeks` weeks from `anchor_on`."""

    client = models.OneToOneField("invoices.Client", models.CASCADE, primary_key=True, related_name="pay_runs")
    days = models.CharField(max_length=60, blank=True, help_text="Days of the month, such as 15, 31.")
    weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    anchor_on = models.DateField(null=True, blank=True, help_text="One pay run; the others lie whole weeks from it.")
    is_learned = models.BooleanField(default=False, help_text="Taken over from what receipts showed.")

    def __str__(self) -> str:
        return f"{self.client_id}: {self.days}"


class ContactProfile(models.Model):
    """Contact rules that staff changed or added, over those in reminders/data/profiles. The newest version wins."""

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    rules = models.JSONField(help_text="As in the shipped files.")
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_profile_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"
