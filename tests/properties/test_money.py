"""Whatever buyers, shops and banks do, in whatever order: the money adds up and no piece is sold twice.

Random sequences of placing, paying, cancelling, packing, asking back, returning, refunding (here and at the provider
itself), disputing and paying out (by the services of payouts, step by step, and past them).
Deterministic: the same code runs the same sequences.
"""

import secrets

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.aftersales import services as aftersales
from marketplace.aftersales.models import RefundRequest
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.inventory.selectors import stock_out_of_step
from marketplace.ledger.models import Account, Posting
from marketplace.ledger.selectors import balance, entries_out_of_balance, sum_of_all_postings
from marketplace.ledger.services import Line, post_entry
from marketplace.orders.models import Order, OrderLine, PartHold, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder, expire
from marketplace.payments.models import Dispute, PaymentAttempt, Refund, RefundLine
from marketplace.payments.providers.base import DisputeSnapshot, Movement, RefundSnapshot, Snapshot, State
from marketplace.payments.selectors import proposed_shares, refunds_to_assign
from marketplace.payments.services import (
    assign_refund,
    check_books,
    confirm_by_hand,
    create_attempt,
    expected_at_provider,
    note_dispute,
    note_outside_refund,
    note_refund,
    open_session,
    reconcile,
    repeat_refund,
    settle,
)
from marketplace.payouts.models import Payout
from tests.factories import base
from tests.factories.orders import make_order, make_shop, make_variant
from tests.properties.payout_steps import PayoutSteps

pytestmark = pytest.mark.django_db
PICK = st.integers(min_value=0, max_value=10_000)
PROFILE = hypothesis_settings(
    max_examples=24,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def same_draws(monkeypatch):
    """Let each run draw the same: Hypothesis would also draw numbers that stand in the modules loaded so far."""
    monkeypatch.setattr(providers, "_get_local_constants", lambda: providers.Constants())
    providers.CONSTANTS_CACHE.cache.clear()


def one_of(rows, number):
    """One of the rows, or None; the same number picks the same row."""
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


class Money(PayoutSteps, RuleBasedStateMachine):
    """The site's money and stock, with a provider that is played here."""

    def open_shops(self):
        self.block = transaction.atomic()
        self.block.__enter__()
        self.shops = [make_shop(name) for name in ("Sanan", "Dinoyo")]
        self.variants = [
            make_variant(self.shops[0], "Keripik", price=14_999, stock=12),
            make_variant(self.shops[0], "Tempe", price=3_333, stock=9),
            make_variant(self.shops[1], "Gerabah", price=77_777, stock=7),
        ]
        self.pieces = dict(StockItem.objects.values_list("pk", "on_hand"))
        self.operator = base.UserFactory(is_superuser=True)
        # What the played provider holds: paid in, sent back, taken by banks.
        self.provider = 0
        self.outside = 0

    def teardown(self):
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # --- the sale --------------------------------------------------------------------------------------------------
    @rule(
        wanted=st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any),
        is_cash=st.booleans(),
        rate=st.sampled_from([0, 250, 1000]),
        stage=st.sampled_from(["placed", "confirmed", "confirmed", "packed", "delivered", "delivered"]),
    )
    def place(self, wanted, is_cash, rate, stage):
        self.place_order(wanted, is_cash=is_cash, rate=rate, stage=stage)

    def place_order(self, wanted, *, is_cash, rate, stage):
        items = [(variant, count) for variant, count in zip(self.variants, wanted, strict=True) if count]
        method = PaymentMethod.COD if is_cash else PaymentMethod.STRIPE
        try:
            with transaction.atomic():
                order = make_order(items, method=method, delivery="own_delivery", shipping=9_001)
        except DomainError:
            return
        for part in order.suborders.all():
            commission = part.items_total * rate // 10_000
            SubOrder.objects.filter(pk=part.pk).update(commission=commission, net=part.gross - commission)
        attempt = create_attempt(order=order, method=method)
        if is_cash:
            open_session(attempt_id=attempt.pk)
        elif stage != "placed":
            self._pay(attempt, 777)
        steps = {"packed": ("packed",), "delivered": ("packed", "shipped", "delivered")}.get(stage, ())
        for part in order.suborders.all():
            for step in steps:
                advance_suborder(suborder_id=part.pk, to=step, actor=None)

    @precondition(lambda self: PaymentAttempt.objects.filter(provider="stripe").exclude(status="paid").exists())
    @rule(number=PICK, fee=st.sampled_from([None, 0, 777]))
    def pay(self, number, fee):
        attempt = one_of(PaymentAttempt.objects.filter(provider="stripe").exclude(status="paid"), number)
        if attempt is not None:
            self._pay(attempt, fee)

    def _pay(self, attempt, fee):
        settle(
            attempt_id=attempt.pk,
            snapshot=Snapshot(
                session_id=f"cs_{attempt.pk}",
                state=State.PAID,
                amount=attempt.amount,
                currency="idr",
                reference=attempt.idempotency_key,
                payment_id=f"pi_{attempt.pk}",
                fee=fee,
                paid_at=timezone.now(),
            ),
        )
        self.provider += attempt.amount - (fee or 0)

    @precondition(lambda self: Order.objects.filter(status="pending", payment_method="stripe").exists())
    @rule(number=PICK)
    def give_up(self, number):
        order = one_of(Order.objects.filter(status="pending", payment_method="stripe"), number)
        if order is None:
            return
        PaymentAttempt.objects.filter(order=order, status__in=PaymentAttempt.LIVE).update(status="expired")
        expire(order_id=order.pk)

    @precondition(
        lambda self: SubOrder.objects.filter(status__in=("confirmed", "packed", "shipped", "delivered")).exists()
    )
    @rule(number=PICK, step=st.sampled_from(["packed", "shipped", "delivered", "completed", "returned"]))
    def carry_on(self, number, step):
        part = one_of(SubOrder.objects.filter(status__in=("confirmed", "packed", "shipped", "delivered")), number)
        if part is None or (step == "returned" and part.order.payment_method != "cod"):
            return
        if step == "returned" and part.status != SubOrder.Status.SHIPPED:
            return
        try:
            with transaction.atomic():
                advance_suborder(suborder_id=part.pk, to=step, actor=None, goods_are_back=step == "returned")
        except DomainError:
            return

    @precondition(lambda self: SubOrder.objects.filter(status__in=("confirmed", "packed")).exists())
    @rule(number=PICK, by_shop=st.booleans())
    def cancel(self, number, by_shop):
        part = one_of(SubOrder.objects.filter(status__in=("confirmed", "packed")), number)
        if part is None:
            return
        try:
            aftersales.cancel_parts(
                order_id=part.order_id, suborder_ids=[part.pk], actor=None, note="x", by_shop=by_shop
            )
        except DomainError:
            return

    @precondition(lambda self: PaymentAttempt.objects.filter(provider="offline").exclude(status="paid").exists())
    @rule()
    def clock(self):
        reconcile()

    # --- after the sale --------------------------------------------------------------------------------------------
    @precondition(
        lambda self: SubOrder.objects.filter(status__in=("packed", "shipped", "delivered"), is_contested=False).exists()
    )
    @rule(
        number=PICK,
        scope=st.sampled_from(["whole", "lines", "amount"]),
        amount=st.integers(1, 200_000),
        count=st.integers(0, 3),
    )
    def ask(self, number, scope, amount, count):
        part = one_of(
            SubOrder.objects.filter(status__in=("packed", "shipped", "delivered"), is_contested=False), number
        )
        if part is None:
            return
        try:
            aftersales.ask_refund(
                suborder_id=part.pk,
                actor=None,
                reason="damaged",
                scope=scope,
                quantities={line.pk: count for line in part.lines.all()},
                amount=amount,
                with_shipping=amount % 2 == 0,
            )
        except DomainError:
            return

    @precondition(lambda self: RefundRequest.objects.filter(status="asked").exists())
    @rule(number=PICK, answer=st.sampled_from(["yes", "return", "less", "no"]))
    def answer(self, number, answer):
        request = one_of(RefundRequest.objects.filter(status="asked"), number)
        if request is None:
            return
        owner = request.suborder.vendor.members.get().user
        try:
            with transaction.atomic():
                if answer == "no":
                    aftersales.decline_request(request_id=request.pk, actor=owner, note="x")
                else:
                    less = max(1, request.amount_asked // 3)
                    aftersales.approve_request(
                        request_id=request.pk,
                        actor=owner,
                        note="x",
                        amount=less if answer == "less" else None,
                        needs_return=answer == "return",
                    )
        except DomainError:
            return

    @precondition(lambda self: RefundRequest.objects.filter(status="returning").exists())
    @rule(number=PICK, can_be_sold=st.booleans())
    def goods_come_back(self, number, can_be_sold):
        request = one_of(RefundRequest.objects.filter(status="returning"), number)
        if request is None:
            return
        aftersales.note_sent_back(request_id=request.pk, actor=None, courier="JNE", tracking_number="")
        try:
            with transaction.atomic():
                aftersales.note_received(
                    request_id=request.pk,
                    actor=request.suborder.vendor.members.get().user,
                    can_be_sold=can_be_sold,
                )
        except DomainError:
            return

    @precondition(lambda self: Refund.objects.filter(channel="provider").exclude(status="failed").exists())
    @rule(number=PICK, status=st.sampled_from(["submitted", "succeeded", "failed"]))
    def provider_refunds(self, number, status):
        refund = one_of(Refund.objects.filter(channel="provider").exclude(status="failed"), number)
        if refund is None:
            return
        was_out = refund.status in ("submitted", "succeeded")
        note_refund(refund_id=refund.pk, snapshot=RefundSnapshot(f"re_{refund.pk}", status, refund.amount))
        refund.refresh_from_db()
        is_out = refund.status in ("submitted", "succeeded")
        self.provider += refund.amount * (was_out - is_out)
        aftersales.follow_refund(refund_id=refund.pk, origin=refund.origin)

    @precondition(lambda self: PaymentAttempt.objects.filter(provider="stripe", status="paid").exists())
    @rule(number=PICK, amount=st.integers(1, 60_000), status=st.sampled_from(["submitted", "succeeded", "failed"]))
    def refund_at_the_provider(self, number, amount, status):
        """Somebody sends money back in the provider's own dashboard; we hear of it twice."""
        attempt = one_of(PaymentAttempt.objects.filter(provider="stripe", status="paid"), number)
        if attempt is None:
            return
        self.outside += 1
        snapshot = RefundSnapshot(f"re_outside_{self.outside}", status, amount)
        try:
            with transaction.atomic():
                for _told_twice in range(2):
                    note_outside_refund(attempt_id=attempt.pk, snapshot=snapshot)
        except DomainError:
            return
        self.provider -= amount if status != "failed" else 0
        self._count(Refund.objects.filter(provider_refund_id=snapshot.refund_id, reason="outside"))

    def _count(self, refunds):
        """What was put down to shops counts for what is asked of them, told twice."""
        for refund in refunds.filter(lines__isnull=False).distinct():
            for _told_twice in range(2):
                aftersales.count_outside_refund(refund_id=refund.pk, put_down_at=timezone.now())

    @precondition(lambda self: refunds_to_assign().exists())
    @rule(number=PICK, is_in_proportion=st.booleans())
    def assign(self, number, is_in_proportion):
        refund = one_of(refunds_to_assign(), number)
        if refund is None:
            return
        shares = {share.part.pk: share.proposed for share in proposed_shares(refund=refund)}
        if not is_in_proportion:
            shares = {min(shares): refund.amount}
        try:
            with transaction.atomic():
                assign_refund(refund_id=refund.pk, amounts=shares, actor=self.operator)
                self._count(Refund.objects.filter(pk=refund.pk))
        except DomainError:
            fits = sum(shares.values()) == refund.amount
            assert not (is_in_proportion and fits), "what is proposed can be put down, unless a bank took too much"

    @precondition(lambda self: Refund.objects.filter(status="failed", replaced_by=None).exists())
    @rule(number=PICK, channel=st.sampled_from(["provider", "operator"]))
    def another_way(self, number, channel):
        refund = one_of(Refund.objects.filter(status="failed", replaced_by=None), number)
        if refund is None:
            return
        try:
            repeat_refund(refund_id=refund.pk, channel=channel, actor=self.operator)
        except DomainError:
            return

    @precondition(lambda self: Refund.objects.filter(channel__in=("shop", "operator"), status="requested").exists())
    @rule(number=PICK)
    def by_hand(self, number):
        refund = one_of(Refund.objects.filter(channel__in=("shop", "operator"), status="requested"), number)
        if refund is None:
            return
        confirm_by_hand(refund_id=refund.pk, actor=self.operator, note="x")
        aftersales.follow_refund(refund_id=refund.pk, origin=refund.origin)

    @precondition(lambda self: Refund.objects.filter(channel="shop").exists())
    @rule(number=PICK)
    def shop_did_not_pay(self, number):
        request = one_of(RefundRequest.objects.filter(status__in=("refunding", "done")), number)
        if request is None:
            return
        try:
            with transaction.atomic():
                aftersales.dispute_hand_payment(request_id=request.pk, actor=None, note="x")
                aftersales.take_over(request_id=request.pk, actor=self.operator, note="x")
        except DomainError:
            return

    # --- banks and payouts -----------------------------------------------------------------------------------------
    @precondition(lambda self: PaymentAttempt.objects.filter(provider="stripe", status="paid").exists())
    @rule(number=PICK, status=st.sampled_from(["needs_response", "under_review", "won", "lost"]))
    def bank(self, number, status):
        attempt = one_of(PaymentAttempt.objects.filter(provider="stripe", status="paid"), number)
        if attempt is None:
            return
        known = Dispute.objects.filter(attempt=attempt).first()
        if known is not None and not known.is_open:
            return
        movements = [Movement(f"txn_{attempt.pk}_out", -attempt.amount, 15_000)]
        if known is None:
            self.provider -= attempt.amount + 15_000
        if status == "won":
            movements.append(Movement(f"txn_{attempt.pk}_in", attempt.amount, -15_000))
            self.provider += attempt.amount + 15_000
        note_dispute(
            attempt_id=attempt.pk,
            snapshot=DisputeSnapshot(
                dispute_id=f"dp_{attempt.pk}",
                payment_id=attempt.payment_id,
                status=status,
                amount=attempt.amount,
                reason="fraudulent",
                opened_at=timezone.now(),
                movements=tuple(movements),
            ),
        )

    @precondition(lambda self: Payout.objects.exists())
    @rule(number=PICK)
    def pay_out(self, number):
        """Past the payouts: the shop gets what it is owed, and whatever comes back makes its balance negative."""
        vendor = self.shops[number % 2]
        owed = -balance(account=Account.VENDOR_PAYABLE, vendor_id=vendor.pk)
        if owed > 0:
            post_entry(
                kind="test.payout",
                reference=secrets.token_hex(8),
                postings=[Line(Account.VENDOR_PAYABLE, owed, vendor.pk), Line(Account.BANK, -owed)],
                occurred_at=timezone.now(),
            )

    # --- what always holds -----------------------------------------------------------------------------------------
    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def books_add_up(self):
        assert entries_out_of_balance() == []
        assert sum_of_all_postings() == 0
        by_account = Posting.objects.values("account").annotate(total=Sum("amount"))
        for row in by_account:
            assert row["total"] == balance(account=row["account"])
        assert expected_at_provider() == self.provider

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def stock_adds_up(self):
        assert stock_out_of_step() == []
        for stock in StockItem.objects.all():
            assert 0 <= stock.reserved <= stock.on_hand
            sold = stock.reservations.filter(state="consumed").aggregate(total=Sum(F("quantity") - F("returned")))[
                "total"
            ]
            assert stock.on_hand + (sold or 0) == self.pieces[stock.pk], "no piece is lost, none is sold twice"
        held = StockReservation.objects.filter(state="held").values_list("reference", flat=True)
        waiting = OrderLine.objects.filter(suborder__status="pending")
        assert set(held) == {line.stock_reference for line in waiting}

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def nobody_gets_more_back_than_was_paid(self):
        assert check_books() == 0
        for attempt in PaymentAttempt.objects.prefetch_related("refunds"):
            back = sum(refund.amount for refund in attempt.refunds.all() if refund.status != "failed")
            assert back == attempt.refunded <= attempt.amount

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def what_nobody_was_charged_for_is_known_and_held(self):
        waiting = list(refunds_to_assign())
        assert balance(account=Account.REFUND_UNASSIGNED) == sum(refund.amount for refund in waiting)
        held = Exists(PartHold.objects.filter(suborder=OuterRef("pk")))
        assert not SubOrder.objects.annotate(held=held).exclude(held=F("is_contested")).exists()
        orders = {refund.attempt.order_id for refund in waiting}
        assert not SubOrder.objects.filter(order__in=orders, is_contested=False).exists()

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def what_is_asked_is_asked_once(self):
        """What went back at the provider is no longer asked for, and never more of a part than is left of it."""
        for request in RefundRequest.objects.prefetch_related("events__refund").select_related("suborder"):
            partly = [event for event in request.events.all() if event.kind == "partly"]
            assert request.amount_outside == sum(event.amount for event in partly)
            assert request.amount > 0
            settled = [event.refund for event in request.events.all() if event.kind == "settled"]
            own = Refund.objects.filter(origin=f"request:{request.pk}").exists()
            assert len(settled) + own <= 1, "paid back by one refund, from here or from there"
            if request.is_open and not settled and not own:
                # A bank that took the payment back asks no shop: what is still open then can only be declined.
                by_bank = RefundLine.objects.filter(suborder=request.suborder, refund__reason=Refund.Reason.DISPUTE)
                taken = by_bank.aggregate(sum=Sum("amount"))["sum"] or 0
                left = request.suborder.gross - request.suborder.refunded_total + taken
                assert request.amount <= left, (request.amount, left)

    @invariant()
    @precondition(lambda self: hasattr(self, "block"))
    def parts_are_their_order(self):
        for order in Order.objects.annotate(parts=Sum("suborders__gross")):
            assert order.parts == order.total
        for part in SubOrder.objects.prefetch_related("lines", "refund_lines"):
            lines = sum(line.refunded_amount for line in part.lines.all())
            assert part.refunded_total == lines + part.refunded_shipping <= part.gross
            assert part.refunded_total == sum(line.amount for line in part.refund_lines.all())
        assert not OrderLine.objects.filter(refunded_quantity__gt=F("quantity")).exists()


def test_money_and_stock_add_up_whatever_happens(settings):
    settings.STRIPE_SECRET_KEY = ""  # the provider is played here; nothing is asked
    run_state_machine_as_test(Money, settings=PROFILE)


@pytest.mark.parametrize(
    "target",
    [
        # Refunds that are not counted, a sale that is not booked, stock that comes back twice, a payout that does not
        # say what it settles, a request that does not hear what went back elsewhere: each must be found.
        "marketplace.payments.services.part_refunds.take_from_payment",
        "marketplace.payments.services.settling._book_sale",
        "marketplace.orders.services.consume_reservations",
        "marketplace.payments.services.outside_refunds.take_from_payment",
        "marketplace.payouts.services.payouts._write_items",
        "marketplace.aftersales.services.count_outside_refund",
    ],
)
def test_a_guard_that_is_missing_is_found(settings, monkeypatch, target):
    settings.STRIPE_SECRET_KEY = ""
    monkeypatch.setattr(target, lambda *_arguments, **_named: None)
    # It ends with the first fault it finds, which may show as a refusal of the services, too.
    quick = hypothesis_settings(
        PROFILE, max_examples=400, print_blob=False, phases=[Phase.generate], report_multiple_bugs=False
    )
    with pytest.raises((AssertionError, IntegrityError, DomainError, ExceptionGroup)):
        run_state_machine_as_test(Money, settings=quick)
