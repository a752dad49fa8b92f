"""What operators set about commission, and what owners declare to the tax office."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.payouts.models import CommissionRule, TaxDeclaration
from marketplace.payouts.policies import may_run_payouts
from umkm.vendors.lock_objects import lock_vendor
from umkm.vendors.policies import can_manage_team


@transaction.atomic
def set_commission_rule(
    *,
    actor: User,
    valid_from: date,
    basis_points: int,
    fixed_fee: int = 0,
    site_sends: bool = False,
    vendor_id: int | None = None,
    category_id: int | None = None,
    note: str = "",
) -> CommissionRule:
    """Let a commission hold from a day on. Sales keep what they were made with, so the past can't be changed.

    Raises NotAllowed for everybody but operators; DomainError for a day that has begun, or a rule too many.
    """
    allowed, reason = may_run_payouts(user=actor)
    if not allowed:
        raise NotAllowed(reason)
    if valid_from <= timezone.localdate():
        raise DomainError(
            _("Choose tomorrow or later: sales of today were shown the commission of today."),
            code="past",
            field="valid_from",
        )
    if vendor_id and category_id:
        raise DomainError(_("A rule is for a business or for a category, not for both."), code="both", field="category")
    if category_id and (fixed_fee or site_sends):
        raise DomainError(
            _("A rule for a category has no fee and says nothing about couriers: set those for everything."),
            code="category_only_percent",
            field="fixed_fee",
        )
    try:
        with transaction.atomic():
            rule = CommissionRule.objects.create(
                valid_from=valid_from,
                vendor_id=vendor_id,
                category_id=category_id,
                basis_points=basis_points,
                fixed_fee=fixed_fee,
                site_sends=site_sends,
                note=note[:255],
                created_by=actor,
            )
    except IntegrityError:
        raise DomainError(
            _("There is such a rule for this day already. Remove it first."), code="exists", field="valid_from"
        ) from None
    record(
        action="payouts.commission_set",
        target=rule,
        actor=actor,
        data={"from": str(valid_from), "basis_points": basis_points, "fee": fixed_fee, "site_sends": site_sends},
    )
    return rule


@transaction.atomic
def remove_commission_rule(*, rule_id: int, actor: User) -> bool:
    """Take back a rule that does not hold yet. False when it is gone. Raises DomainError for one that holds."""
    allowed, reason = may_run_payouts(user=actor)
    if not allowed:
        raise NotAllowed(reason)
    rule = CommissionRule.objects.select_for_update(of=("self",)).filter(pk=rule_id).first()
    if rule is None:
        return False
    if rule.valid_from <= timezone.localdate():
        raise DomainError(_("This rule holds already. Set another one that holds from tomorrow on."), code="in_force")
    record(action="payouts.commission_removed", target=rule, actor=actor, data={"from": str(rule.valid_from)})
    rule.delete()
    return True


@transaction.atomic
def declare_turnover(*, vendor_id: int, actor: User, year: int, is_within_limit: bool) -> TaxDeclaration:
    """The owner declares whether the year's turnover stays within Rp500 million. The newest word counts.

    A repeat of the same word changes nothing. Nothing is withheld by it: the site is not appointed to withhold.
    Raises NotAllowed for anybody but the owner, DomainError for another year than this one.
    """
    vendor = lock_vendor(vendor_id)
    allowed, reason = can_manage_team(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(reason)
    if year != timezone.localdate().year:
        raise DomainError(_("Declare for the current year."), code="other_year", field="year")
    newest = TaxDeclaration.objects.filter(vendor=vendor, year=year).first()
    if newest is not None and newest.is_within_limit == is_within_limit:
        return newest
    declaration = TaxDeclaration.objects.create(
        vendor=vendor, year=year, is_within_limit=is_within_limit, declared_by=actor
    )
    record(
        action="payouts.turnover_declared",
        target=declaration,
        actor=actor,
        data={"year": year, "is_within_limit": is_within_limit},
    )
    return declaration
