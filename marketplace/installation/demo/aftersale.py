"""What came after the sales of the last weeks: money back in every state, goods on their way back, disputes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.aftersales import services
from marketplace.aftersales.models import RefundRequest
from marketplace.installation.demo.businesses import KNOWN_OWNERS
from marketplace.installation.demo.catalogue import all_pictures
from marketplace.installation.demo.timeline import Timeline
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.payments.models import Dispute, PaymentAttempt, Refund
from marketplace.payments.providers.base import DisputeSnapshot, Movement, RefundSnapshot, Snapshot, State
from marketplace.payments.services import book_own_payout, expected_at_provider, note_dispute, note_refund, settle

Reason = RefundRequest.Reason
DISPUTE_FEE = 15_000


class AfterSale:
    """Schedules the requests and disputes; the provider's answers are played here."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def schedule(self) -> None:
        """Some weeks ago what is settled, this week what still waits for somebody."""
        for days, act in (
            (60, self._lose_dispute),
            (45, self._win_dispute),
            (20, self._settled),
            (4.5, self._forgotten),
            (2, self._answered),
            (0.8, self._open),
            (0.4, self._keep_terms),
        ):
            self.timeline.at(self.timeline.days_ago(days), act)
        self.timeline.at(self.timeline.now - timedelta(minutes=1), self._close)

    # --- what is settled -------------------------------------------------------------------------------------------
    def _settled(self) -> None:
        parts = self._delivered()
        for reason, text, amount in (
            (Reason.DAMAGED, "Dua bungkus sobek, isinya remuk.", None),
            (Reason.WRONG, "Yang datang ukuran lain.", 10_000),
        ):
            part = next(parts, None)
            if part is None:
                return
            request = self._ask(part, reason, text, photo=reason == Reason.DAMAGED)
            services.approve_request(
                request_id=request.pk,
                actor=self._owner(part),
                amount=min(amount, request.amount_asked) if amount else None,
                note="Maaf, kami kirim kembali selisihnya." if amount else "Maaf ya, kami ganti semuanya.",
            )
            self._finish(request)
        part = next(parts, None)
        if part is not None:
            offered = services.offer_refund(
                suborder_id=part.pk,
                actor=self._owner(part),
                scope=RefundRequest.Scope.AMOUNT,
                amount=5_000,
                note="Kurirnya terlambat sehari, ongkirnya kami kembalikan sebagian.",
            )
            self._finish(offered)
        part = next(parts, None)
        if part is not None:
            request = self._ask(part, Reason.CHANGED_MIND, "Ternyata sudah punya.")
            services.decline_request(
                request_id=request.pk, actor=self._owner(part), note="Makanan yang sudah dibuka tidak bisa kami terima."
            )

    # --- what waits ------------------------------------------------------------------------------------------------
    def _forgotten(self) -> None:
        """The shop does not answer this one: its term ends, and the operators find it in their queue."""
        part = next(self._delivered(known_first=False), None)
        if part is not None:
            self._ask(part, Reason.NOT_AS_DESCRIBED, "Di foto warnanya biru tua, yang datang biru muda.", photo=True)

    def _answered(self) -> None:
        parts = self._delivered(known_first=False)
        for number, reason in enumerate((Reason.DAMAGED, Reason.CHANGED_MIND, Reason.WRONG)):
            part = next(parts, None)
            if part is None:
                return
            request = self._ask(part, reason, "Saya kirim kembali saja.", sends_back=True)
            services.approve_request(
                request_id=request.pk, actor=self._owner(part), needs_return=number < 2, note="Silakan dikirim kembali."
            )
            if number == 2:
                self._finish(request, fails=True)
            if number == 1:
                services.note_sent_back(
                    request_id=request.pk, actor=None, courier="JNE", tracking_number="JN0035730001"
                )

    def _open(self) -> None:
        parts = self._delivered()
        for reason, text in ((Reason.DAMAGED, "Toplesnya retak."), (Reason.WRONG, "Kurang satu bungkus.")):
            part = next(parts, None)
            if part is not None:
                self._ask(part, reason, text, photo=True)
        part = next(self._delivered(method=PaymentMethod.COD), None)
        if part is not None:
            request = self._ask(part, Reason.DAMAGED, "Bocor di jalan.")
            services.approve_request(request_id=request.pk, actor=self._owner(part), note="Besok saya antar uangnya.")
        attempt = self._paid_online().order_by("-paid_at").first()
        if attempt is not None:
            self._dispute(attempt, Dispute.Status.NEEDS_RESPONSE)

    def _keep_terms(self) -> None:
        services.keep_terms()

    def _close(self) -> None:
        """Pages of called-off orders are closed, and what the provider held is on the site's bank account."""
        live = PaymentAttempt.objects.filter(provider="stripe", status__in=PaymentAttempt.LIVE)
        for attempt in live.exclude(order__status=Order.Status.PENDING):
            expired = Snapshot(f"cs_test_demo{attempt.pk:08d}", State.EXPIRED, attempt.amount, "idr")
            settle(attempt_id=attempt.pk, snapshot=expired)
        held = expected_at_provider()
        if held > 0:
            book_own_payout(movement=Movement("txn_demo_payout", -held, 0))

    # --- banks -----------------------------------------------------------------------------------------------------
    def _lose_dispute(self) -> None:
        self._decide_dispute(Dispute.Status.LOST)

    def _win_dispute(self) -> None:
        self._decide_dispute(Dispute.Status.WON)

    def _decide_dispute(self, status: str) -> None:
        attempt = self._paid_online().order_by("paid_at").first()
        if attempt is not None:
            self._dispute(attempt, Dispute.Status.UNDER_REVIEW)
            self._dispute(attempt, status)

    def _dispute(self, attempt: PaymentAttempt, status: str) -> None:
        out = Movement(f"txn_demo{attempt.pk}_out", -attempt.amount, DISPUTE_FEE)
        back = Movement(f"txn_demo{attempt.pk}_back", attempt.amount, -DISPUTE_FEE)
        note_dispute(
            attempt_id=attempt.pk,
            snapshot=DisputeSnapshot(
                dispute_id=f"dp_demo{attempt.pk:08d}",
                payment_id=attempt.payment_id,
                status=status,
                amount=attempt.amount,
                reason="product_not_received",
                opened_at=timezone.now(),
                evidence_due_at=timezone.now() + timedelta(days=7),
                movements=(out, back) if status == Dispute.Status.WON else (out,),
            ),
        )

    # --- the pieces ------------------------------------------------------------------------------------------------
    def _paid_online(self) -> Any:
        recent = timezone.now() - timedelta(days=12)
        paid = PaymentAttempt.objects.filter(
            provider="stripe", status=PaymentAttempt.Status.PAID, paid_at__gte=recent, disputes=None, refunded=0
        )
        return paid.exclude(order__suborders__is_contested=True)

    def _delivered(self, *, known_first: bool = True, method: str = PaymentMethod.STRIPE) -> Iterator[SubOrder]:
        """Parts that buyers have and may still complain about, those of the shops whose logins are printed first."""
        parts = SubOrder.objects.filter(
            status=SubOrder.Status.DELIVERED, is_contested=False, order__payment_method=method, refunded_total=0
        )
        if method != PaymentMethod.STRIPE:
            parts = parts.exclude(order__paid_at=None)
        known = Q(vendor__slug__in=KNOWN_OWNERS)
        order = Case(When(known, then=Value(0)), default=Value(1), output_field=IntegerField())
        if not known_first:
            parts = parts.exclude(known)
        return iter(list(parts.filter(refund_requests=None).order_by(order, F("delivered_at").desc(), "pk")[:10]))

    def _ask(self, part: SubOrder, reason: str, text: str, *, photo: bool = False, **options: Any) -> RefundRequest:
        photos = []
        if photo:
            picture = all_pictures()[part.pk % 40]
            photos.append(SimpleUploadedFile("foto.webp", picture.read_bytes(), content_type="image/webp"))
        return services.ask_refund(
            suborder_id=part.pk,
            actor=part.order.buyer,
            reason=reason,
            scope=RefundRequest.Scope.WHOLE,
            text=text,
            photos=photos,
            **options,
        )

    def _finish(self, request: RefundRequest, *, fails: bool = False) -> None:
        """The provider sends the money and says so, or the card was closed meanwhile."""
        status = Refund.Status.FAILED if fails else Refund.Status.SUCCEEDED
        failure = "expired_or_canceled_card" if fails else ""
        for refund in Refund.objects.filter(origin=services.origin_of(request)):
            snapshot = RefundSnapshot(f"re_demo{refund.pk}", status, refund.amount, failure=failure)
            note_refund(refund_id=refund.pk, snapshot=snapshot)
            services.follow_refund(refund_id=refund.pk, origin=refund.origin)

    @staticmethod
    def _owner(part: SubOrder) -> User:
        return part.vendor.members.select_related("user").get(role="owner").user
