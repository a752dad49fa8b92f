"""Payouts as steps of a random sequence, by the services that people use: two persons, the bank, what comes back."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.payouts import services
from marketplace.payouts.balances import standing_of, standings
from marketplace.payouts.models import Payout, PayoutItem, PayoutTerms
from tests.factories.payouts import operator, with_account

Status = Payout.Status
PICK = st.integers(min_value=0, max_value=10_000)
WAYS = {"draft": 0, "approved": 1, "sent": 2, "paid": 3}
# Every hold period is over by then.
LATER = timedelta(days=8)


def exists(*statuses):
    return precondition(lambda self: hasattr(self, "block") and Payout.objects.filter(status__in=statuses).exists())


class PayoutSteps:
    """Mixed into a machine that has `open_shops` (which opens its transaction) and `place_order`."""

    @initialize(first=st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any), rate=st.sampled_from([0, 1000]))
    def open_and_sell(self, first, rate):
        """Every sequence begins with a sale that the buyer has in hand."""
        self.open_shops()
        PayoutTerms.objects.update_or_create(defaults={"minimum": 1})
        self.first, self.second = operator("Ratih"), operator("Bagus")
        for shop in self.shops:
            with_account(shop, checked_by=self.second)
        self.place_order(first, is_cash=False, rate=rate, stage="delivered")

    @precondition(lambda self: any(self.owed(shop) > 0 for shop in self.shops))
    @rule(number=PICK, way=st.sampled_from(["draft", "approved", "sent", "paid", "paid"]))
    def prepare(self, number, way):
        """The shop's payout, and on it goes without a pause as far as that."""
        owed = [shop for shop in self.shops if self.owed(shop) > 0]
        if not owed:
            return
        try:
            with transaction.atomic():
                payout = services.prepare_payout(
                    vendor_id=owed[number % len(owed)].pk, actor=self.first, now=timezone.now() + LATER
                )
        except DomainError:
            return
        assert not contested(payout), "nothing goes in about which something is open"
        for _step in range(WAYS[way]):
            self._on(payout)

    def owed(self, shop):
        """What the books say that a shop gets and no payout that is on its way or prepared has taken."""
        return standing_of(vendor_id=shop.pk, now=timezone.now() + LATER).available

    def _on(self, payout):
        """The next step of a payout, as far as nothing that became contested meanwhile stops it."""
        payout.refresh_from_db()
        try:
            with transaction.atomic():
                if payout.status == Status.DRAFT:
                    with pytest.raises(NotAllowed):
                        services.approve_payout(payout_id=payout.pk, actor=self.first)
                    services.approve_payout(payout_id=payout.pk, actor=self.second)
                elif payout.status == Status.APPROVED:
                    services.mark_sent(payout_id=payout.pk, actor=self.first)
                elif payout.status == Status.SENT:
                    services.mark_paid(payout_id=payout.pk, actor=self.first, reference=f"FT{payout.pk}")
        except DomainError:
            assert contested(payout), "nothing else can stop it here"
            return
        assert payout.status == Status.SENT or not contested(payout)

    @exists(*Payout.LIVE)
    @rule(number=PICK)
    def go_on(self, number):
        payouts = list(Payout.objects.filter(status__in=Payout.LIVE).order_by("pk"))
        if payouts:
            self._on(payouts[number % len(payouts)])

    @exists(Status.SENT, Status.PAID)
    @rule(number=PICK)
    def comes_back(self, number):
        payouts = list(Payout.objects.filter(status__in=(Status.SENT, Status.PAID)).order_by("pk"))
        if not payouts:
            return
        payout = payouts[number % len(payouts)]
        for _told_twice in range(2):
            services.mark_returned(payout_id=payout.pk, actor=self.first, reason="Rekening tidak aktif")
        services.check_account(account_id=payout.account_id, actor=self.second, is_right=True)

    @exists(Status.DRAFT, Status.APPROVED)
    @rule()
    def call_off(self):
        for payout in Payout.objects.filter(status__in=(Status.DRAFT, Status.APPROVED))[:1]:
            services.cancel_payout(payout_id=payout.pk, actor=self.second)

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def payouts_are_what_they_are_made_of(self):
        for payout in Payout.objects.prefetch_related("items"):
            assert sum(item.amount for item in payout.items.all()) == payout.amount > 0
            settles = payout.status not in (Status.RETURNED, Status.CANCELLED)
            assert {item.is_live for item in payout.items.all()} == {settles}
        sent = Payout.objects.filter(status=Status.SENT).aggregate(total=Sum("amount"))["total"] or 0
        assert -balance(account=Account.PAYOUT_IN_TRANSIT) == sent
        for vendor_id, standing in standings().items():
            assert standing.balance == -balance(account=Account.VENDOR_PAYABLE, vendor_id=vendor_id)
            assert standing.balance == standing.available + standing.pending + standing.prepared


def contested(payout):
    """Whether it holds money for a part about which something is open."""
    parts = PayoutItem.objects.filter(payout=payout, suborder__is_contested=True).values("suborder")
    return parts.annotate(total=Sum("amount")).filter(total__gt=0).exists()
