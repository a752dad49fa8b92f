"""From a buyer's request to the money: decided by the shop in its term, then by operators, told at each step."""

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from marketplace.accounts import services as accounts
from marketplace.aftersales import services
from marketplace.aftersales.models import RefundRequest, RequestEvent, RequestPhoto
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import advance_suborder, complete_received
from marketplace.payments.models import Refund
from marketplace.payments.services import check_books, compare_balance, confirm_by_hand, repeat_refund
from tests.aftersales.conftest import Deal
from tests.factories import base
from tests.local_stripe import REFUND_FAILS_LATER

pytestmark = pytest.mark.django_db
Status = RefundRequest.Status


def photo(name="rusak.jpg", *, content=None):
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (64, 64), "brown").save(buffer, "JPEG")
        content = buffer.getvalue()
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def ask(deal, **options):
    return services.ask_refund(
        suborder_id=deal.part.pk, actor=None, **{"reason": "damaged", "scope": "whole", **options}
    )


@pytest.fixture
def operator(db):
    accounts.ensure_groups()
    person = base.UserFactory()
    accounts.appoint_operator(user=person)
    return person


def stock(deal):
    return StockItem.objects.get(variant=deal.keripik).on_hand


def test_asked_agreed_and_paid_back(deal):
    deal.go_to("delivered")
    request = ask(deal, photos=[photo()], text="Pecah semua.")
    assert (request.status, request.amount_asked) == (Status.ASKED, 40_000)
    assert deal.part.is_contested is True
    assert RequestPhoto.objects.get().file.storage is storages["private"], "nobody reaches it by an address"
    assert services.approve_request(request_id=request.pk, actor=deal.owner) is True
    assert services.approve_request(request_id=request.pk, actor=deal.owner) is False
    deal.settle()
    request.refresh_from_db()
    assert (request.status, deal.part.status, deal.order.status) == ("done", "returned", "part_refunded")
    assert deal.part.is_contested is False
    assert stock(deal) == 8, "the goods are still with the buyer"
    assert [event.kind for event in request.events.all()] == ["asked", "approved", "refunded"]
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=deal.sanan.pk) == 0
    assert check_books() == 0
    assert compare_balance() == 0
    buyers = [message for message in mail.outbox if message.to == [deal.order.email]]
    assert any("40.000" in message.subject for message in buyers)
    assert Notification.objects.filter(user=deal.owner, kind="refund_request_shop").count() == 2


def test_a_return_pays_when_the_goods_are_back(deal):
    deal.go_to("delivered")
    request = ask(deal, scope="lines", quantities={deal.line(): 1}, sends_back=True, reason="changed_mind")
    services.approve_request(request_id=request.pk, actor=deal.owner, needs_return=True)
    with pytest.raises(IllegalTransition):
        services.note_received(request_id=request.pk, actor=deal.owner, can_be_sold=True)
    with pytest.raises(DomainError):
        services.note_sent_back(request_id=request.pk, actor=None, courier=" ", tracking_number="")
    services.note_sent_back(request_id=request.pk, actor=None, courier="JNE", tracking_number="B7")
    assert Refund.objects.count() == 0
    services.note_received(request_id=request.pk, actor=deal.owner, can_be_sold=True)
    assert services.note_received(request_id=request.pk, actor=deal.owner, can_be_sold=True) is False
    deal.settle()
    request.refresh_from_db()
    assert (request.status, Refund.objects.get().amount) == (Status.DONE, 15_000)
    assert stock(deal) == 9
    assert deal.part.status == SubOrder.Status.DELIVERED, "the other piece stays sold"


def test_everything_back_in_stock_counts_once(deal):
    deal.go_to("delivered")
    request = ask(deal, sends_back=True)
    services.approve_request(request_id=request.pk, actor=deal.owner, needs_return=True)
    services.note_sent_back(request_id=request.pk, actor=None, courier="JNE", tracking_number="B7")
    services.note_received(request_id=request.pk, actor=deal.owner, can_be_sold=True)
    assert stock(deal) == 10


def test_less_than_was_asked_needs_a_reason(deal):
    deal.go_to("delivered")
    request = ask(deal)
    for amount, note in ((10_000, ""), (40_001, "x"), (0, "x")):
        with pytest.raises(DomainError):
            services.approve_request(request_id=request.pk, actor=deal.owner, amount=amount, note=note)
    services.approve_request(request_id=request.pk, actor=deal.owner, amount=10_000, note="Hanya satu yang pecah.")
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.amount, Refund.objects.get().amount) == (Status.DONE, 10_000, 10_000)
    assert deal.part.status == SubOrder.Status.DELIVERED


def test_a_refusal_may_be_brought_before_operators_whose_word_is_final(deal, operator):
    deal.go_to("delivered")
    request = ask(deal)
    with pytest.raises(DomainError):
        services.decline_request(request_id=request.pk, actor=deal.owner, note="")
    services.decline_request(request_id=request.pk, actor=deal.owner, note="Foto tidak jelas.")
    assert deal.part.is_contested is False
    services.disagree(request_id=request.pk, actor=None, note="Lihat foto kedua.")
    assert deal.part.is_contested is True
    assert Notification.objects.filter(user=operator, kind="refund_request_operator").count() == 1
    with pytest.raises(NotAllowed):
        services.approve_request(request_id=request.pk, actor=deal.owner)
    with pytest.raises(NotAllowed):
        services.approve_request(request_id=request.pk, actor=deal.owner, as_operator=True)
    services.decline_request(request_id=request.pk, actor=operator, note="Tidak terbukti.", as_operator=True)
    with pytest.raises(NotAllowed):
        services.disagree(request_id=request.pk, actor=None, note="Tetap tidak.")
    request.refresh_from_db()
    assert (request.status, request.is_final) == (Status.DECLINED, True)


def test_the_time_to_disagree_ends(deal):
    deal.go_to("delivered")
    request = ask(deal)
    services.decline_request(request_id=request.pk, actor=deal.owner, note="Tidak.")
    RefundRequest.objects.update(closed_at=timezone.now() - timedelta(days=8))
    with pytest.raises(NotAllowed):
        services.disagree(request_id=request.pk, actor=None, note="Terlambat.")


def test_a_shop_that_does_not_answer_is_reminded_once_then_operators_decide(deal, operator):
    deal.go_to("delivered")
    request = ask(deal)
    now = timezone.now()
    assert services.keep_terms(now=now) == {"reminded": 0, "escalated": 0, "lapsed": 0}
    assert services.keep_terms(now=now + timedelta(days=2, hours=1))["reminded"] == 1
    assert services.keep_terms(now=now + timedelta(days=2, hours=1))["reminded"] == 0
    assert services.keep_terms(now=now + timedelta(days=3, hours=1))["escalated"] == 1
    assert services.keep_terms(now=now + timedelta(days=3, hours=1))["escalated"] == 0
    request.refresh_from_db()
    assert request.status == Status.ESCALATED
    services.approve_request(request_id=request.pk, actor=operator, as_operator=True)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.is_final) == (Status.DONE, True)


def test_goods_that_never_come_back_close_the_request(deal):
    deal.go_to("delivered")
    request = ask(deal, sends_back=True)
    services.approve_request(request_id=request.pk, actor=deal.owner, needs_return=True)
    assert services.keep_terms(now=timezone.now() + timedelta(days=8))["lapsed"] == 1
    request.refresh_from_db()
    assert (request.status, deal.part.is_contested) == (Status.WITHDRAWN, False)


def test_a_contested_part_is_not_completed(deal):
    deal.go_to("delivered")
    request = ask(deal)
    later = timezone.now() + timedelta(days=8)
    assert complete_received(now=later) == 0
    services.withdraw_request(request_id=request.pk, actor=None)
    assert services.withdraw_request(request_id=request.pk, actor=None) is False
    assert complete_received(now=later) == 1


def test_a_packed_part_is_called_off_by_agreement(deal):
    deal.go_to("packed")
    request = ask(deal, reason="changed_mind", sends_back=True)
    assert request.sends_back is False, "it never left the shop"
    services.approve_request(request_id=request.pk, actor=deal.owner)
    assert (deal.part.status, stock(deal)) == (SubOrder.Status.CANCELLED, 10)


def test_a_lost_parcel_is_paid_back(deal):
    deal.go_to("shipped")
    request = ask(deal, reason="not_arrived")
    services.approve_request(request_id=request.pk, actor=deal.owner)
    assert (deal.part.status, stock(deal)) == (SubOrder.Status.RETURNED, 8)


@pytest.mark.parametrize("status", ["", "completed"])
def test_too_early_or_too_late_is_refused_with_the_way_on(deal, status):
    if status:
        deal.go_to("delivered")
        advance_suborder(suborder_id=deal.part.pk, to=status, actor=None)
    with pytest.raises(NotAllowed):
        ask(deal)
    assert RefundRequest.objects.count() == 0


def test_one_request_at_a_time(deal):
    deal.go_to("delivered")
    ask(deal)
    with pytest.raises(NotAllowed):
        ask(deal)


@pytest.mark.parametrize(
    "options, field",
    [
        ({"photos": [photo(content=b"<svg onload=alert(1)>")]}, "photos"),
        ({"photos": [photo(content=b"%PDF-1.4 x", name="a.pdf")]}, "photos"),
        ({"photos": [photo(content=b"")]}, "photos"),
        ({"photos": [photo()] * 6}, "photos"),
        ({"reason": "other", "text": " "}, "text"),
        ({"scope": "amount", "amount": 40_001}, "amount"),
        ({"scope": "amount", "amount": 0}, "amount"),
        ({"scope": "lines", "quantities": {}}, ""),
    ],
)
def test_what_cannot_be_asked_says_where(deal, options, field):
    deal.go_to("delivered")
    with pytest.raises(DomainError) as refused:
        ask(deal, **options)
    assert refused.value.field == field
    assert RefundRequest.objects.count() == RequestPhoto.objects.count() == 0
    assert deal.part.is_contested is False


def test_a_shop_gives_money_back_unasked(deal):
    stranger = base.UserFactory()
    options = {"suborder_id": deal.part.pk, "scope": "amount", "amount": 5_000, "note": "Maaf, terlambat."}
    with pytest.raises(NotAllowed):
        services.offer_refund(actor=stranger, **options)
    with pytest.raises(DomainError):
        services.offer_refund(actor=deal.owner, **{**options, "note": ""})
    offered = services.offer_refund(actor=deal.owner, **options)
    deal.settle()
    offered.refresh_from_db()
    assert (offered.status, Refund.objects.get().reason) == (Status.DONE, "offered")
    assert deal.part.status == SubOrder.Status.CONFIRMED


def test_a_refund_that_fails_comes_before_the_operators(local_stripe, client, operator):
    deal = Deal(local_stripe, client).pay(card=REFUND_FAILS_LATER)
    deal.go_to("delivered")
    request = ask(deal)
    services.approve_request(request_id=request.pk, actor=deal.owner)
    deal.settle()
    local_stripe.act("refund.fail", Refund.objects.get().provider_refund_id)
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.ESCALATED
    again = repeat_refund(refund_id=Refund.objects.get().pk, channel=Refund.Channel.OPERATOR, actor=operator)
    confirm_by_hand(refund_id=again.pk, actor=operator, note="BRI 25 Nov")
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert balance(account=Account.BANK) == -40_000
    assert check_books() == 0


# --- cash ----------------------------------------------------------------------------------------------------------
def test_cash_is_paid_back_by_hand_and_confirmed(cash_deal):
    request = ask(cash_deal)
    services.approve_request(request_id=request.pk, actor=cash_deal.owner)
    request.refresh_from_db()
    assert (request.status, request.due_at is not None) == (Status.REFUNDING, True)
    services.note_paid_by_hand(request_id=request.pk, actor=cash_deal.owner, note="Tunai di toko")
    cash_deal.settle()
    request.refresh_from_db()
    assert (request.status, cash_deal.order.status) == (Status.DONE, Order.Status.REFUNDED)


def test_a_shop_that_keeps_the_cash_pays_it_to_the_site(cash_deal, operator):
    request = ask(cash_deal)
    services.approve_request(request_id=request.pk, actor=cash_deal.owner)
    services.note_paid_by_hand(request_id=request.pk, actor=cash_deal.owner, note="Sudah")
    cash_deal.settle()
    services.dispute_hand_payment(request_id=request.pk, actor=None, note="Belum saya terima")
    with pytest.raises(NotAllowed):
        services.take_over(request_id=request.pk, actor=cash_deal.owner, note="x")
    refund = services.take_over(request_id=request.pk, actor=operator, note="Toko tidak bisa menunjukkan bukti")
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=cash_deal.sanan.pk) == 40_000, "the shop owes it"
    confirm_by_hand(refund_id=refund.pk, actor=operator, note="BRI 25 Nov")
    cash_deal.settle()
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert balance(account=Account.BUYER_SUSPENSE) == balance(account=Account.REFUND_IN_TRANSIT) == 0


def test_cash_that_is_not_paid_back_in_time_comes_before_the_operators(cash_deal):
    request = ask(cash_deal)
    services.approve_request(request_id=request.pk, actor=cash_deal.owner)
    assert services.keep_terms(now=timezone.now() + timedelta(days=4))["escalated"] == 1
    assert RequestEvent.objects.filter(request=request, by="site", kind="escalated").count() == 1
