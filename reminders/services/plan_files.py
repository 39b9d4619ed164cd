"""The confirmation of a payment plan, as it goes with its mail."""

from __future__ import annotations

from invoices.models import PaymentPlan
from invoices.services.plan_documents import plan_name, plan_pdf

from ..channels import Attachment
from ..models import Acknowledgement


def plan_files(row: Acknowledgement) -> tuple[Attachment, ...]:
    """Made when the mail leaves: no lock is held meanwhile. The key of the row ends with the plan's number."""
    plan = PaymentPlan.objects.select_related("client__account_manager").get(pk=int(row.once_key.rpartition(":")[2]))
    return (Attachment(f"{plan_name(plan)}.pdf", plan_pdf(plan)),)
