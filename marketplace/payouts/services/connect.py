"""Payouts to shops that have an account of their own at Stripe. No provider is asked inside a transaction."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.payments.providers.base import ProviderRefused, ProviderUnavailable, Transfers, TransferSnapshot
from marketplace.payments.providers.stripe import StripeProvider
from marketplace.payments.services.boundaries import require_no_transaction
from marketplace.payments.services.webhooks import NeedsOperator
from marketplace.payouts.models import Payout, StripeAccount
from marketplace.payouts.policies import may_run_payouts
from marketplace.payouts.services.payouts import mark_paid, mark_returned
from umkm.vendors.lock_objects import lock_vendor

PROVIDER: Transfers = StripeProvider()
Status = Payout.Status


def link_stripe_account(*, vendor_id: int, account_id: str, actor: User) -> StripeAccount:
    """Let a shop's payouts go to its account at Stripe as soon as that can receive money. No transaction may be open.

    Raises NotAllowed for everybody but operators, DomainError for an account that Stripe does not know.
    """
    allowed, reason = may_run_payouts(user=actor)
    if not allowed:
        raise NotAllowed(reason)
    require_no_transaction()
    try:
        can_receive = PROVIDER.can_receive(account_id=account_id.strip())
    except (ProviderRefused, ProviderUnavailable) as error:
        raise DomainError(
            _("Stripe doesn't know this account: %(answer)s Copy its number (acct_…) from Stripe's dashboard.")
            % {"answer": str(error)},
            code="unknown_account",
            field="account_id",
        ) from error
    with transaction.atomic():
        vendor = lock_vendor(vendor_id)
        if StripeAccount.objects.filter(account_id=account_id.strip()).exclude(vendor=vendor).exists():
            raise DomainError(_("Another shop has this account."), code="taken", field="account_id")
        account, _created = StripeAccount.objects.update_or_create(
            vendor=vendor, defaults={"account_id": account_id.strip(), "can_receive": can_receive}
        )
        record(
            action="payouts.stripe_linked",
            target=vendor,
            actor=actor,
            data={"account": account.account_id, "can_receive": can_receive},
        )
    return account


def send_transfer(*, payout_id: int) -> None:
    """Ask the provider to move a payout that was sent; a repeat is the same transfer. No transaction may be open.

    What it refuses comes back to the shop's balance at once. Raises ProviderUnavailable (try later).
    """
    require_no_transaction()
    payout = Payout.objects.select_related("vendor__stripe_account").get(pk=payout_id)
    if payout.status != Status.SENT or payout.channel != Payout.Channel.STRIPE:
        return
    try:
        snapshot = PROVIDER.transfer(
            account_id=payout.vendor.stripe_account.account_id,
            amount=payout.amount,
            reference=payout.number,
            key=f"payout-{payout.number}",
        )
    except ProviderRefused as error:
        mark_returned(payout_id=payout.pk, actor=None, reason=f"Stripe: {error}")
        return
    mark_paid(payout_id=payout.pk, actor=None, reference=snapshot.transfer_id)


def take_transfer_back(*, payout_id: int) -> None:
    """Ask the provider for the money of a payout that an operator took back. No transaction may be open.

    Raises ProviderRefused, ProviderUnavailable: then the worker tries again and says so on its page.
    """
    require_no_transaction()
    payout = Payout.objects.get(pk=payout_id)
    if payout.bank_reference:
        snapshot = PROVIDER.retrieve_transfer(transfer_id=payout.bank_reference)
        if snapshot.reversed_amount != snapshot.amount:
            PROVIDER.reverse_transfer(transfer_id=payout.bank_reference, key=f"payout-{payout.number}-back")


def follow_transfer(kind: str, subject: dict[str, Any]) -> None:
    """The provider says something about a transfer: look how it stands, and follow. Raises NeedsOperator."""
    snapshot = PROVIDER.retrieve_transfer(transfer_id=subject["id"])
    payout = _payout_of(snapshot)
    if payout is None or snapshot.amount != payout.amount:
        raise NeedsOperator(gettext_noop("It is about a transfer that is none of our payouts."))
    if payout.status == Status.SENT:
        mark_paid(payout_id=payout.pk, actor=None, reference=snapshot.transfer_id)
        payout.refresh_from_db()
    if not snapshot.reversed_amount:
        return
    if snapshot.reversed_amount != snapshot.amount:
        raise NeedsOperator(gettext_noop("Part of a payout was taken back at the provider. Settle it with the shop."))
    if payout.status == Status.PAID:
        mark_returned(payout_id=payout.pk, actor=None, reason="Stripe: transfer.reversed")


def follow_account(kind: str, subject: dict[str, Any]) -> None:
    """The provider says that a connected account changed: keep whether it can receive. Raises NeedsOperator."""
    account = StripeAccount.objects.select_related("vendor").filter(account_id=subject["id"]).first()
    if account is None:
        raise NeedsOperator(gettext_noop("It is about an account that belongs to no shop here."))
    can_receive = PROVIDER.can_receive(account_id=account.account_id)
    with transaction.atomic():
        if StripeAccount.objects.filter(pk=account.pk).exclude(can_receive=can_receive).update(can_receive=can_receive):
            record(action="payouts.stripe_changed", target=account.vendor, data={"can_receive": can_receive})


def _payout_of(snapshot: TransferSnapshot) -> Payout | None:
    found = Payout.objects.filter(channel=Payout.Channel.STRIPE)
    return found.filter(bank_reference=snapshot.transfer_id).first() or found.filter(number=snapshot.reference).first()
