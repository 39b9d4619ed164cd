"""The scenes, and how many business days before today each begins."""

from __future__ import annotations

from ..stage import Scene
from . import agreements, credit, discounts, money, repeating

STARTS: tuple[tuple[int, Scene], ...] = (
    (52, agreements.plan_in_standing),
    (52, agreements.settlement_that_lapsed),
    (51, agreements.settlement_paid),
    (50, agreements.settlement_on_offer),
    (50, agreements.settlement_to_approve),
    (49, agreements.plan_broken),
    (48, agreements.plan_with_a_missed_instalment),
    (46, agreements.plan_to_approve),
    (45, repeating.every_month),
    (40, credit.over_the_limit),
    (36, money.paid_in_parts),
    (30, agreements.deferral),
    (24, money.paid_by_the_group),
    (22, discounts.earned),
    (21, discounts.a_day_late),
    (20, money.other_currency),
    (19, money.returned_debit),
    (16, money.moved_to_its_owner),
    (14, repeating.held_up),
    (12, credit.newcomer),
    (11, money.losses_to_approve),
)
