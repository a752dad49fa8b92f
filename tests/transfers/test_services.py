"""Direct transfers: what is owed, proofs, answers, terms, and what they do to order and stock."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, IllegalTransition
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.outbox.models import OutboxMessage
from marketplace.payments.models import PaymentAttempt, ProviderName
from marketplace.payments.services import create_attempt, reconcile
from marketplace.transfers import clock, services
from marketplace.transfers.models import TransferProof, TransferRequest, TransferTerms
from tests.factories.orders import make_order, make_shop, make_variant
from tests.factories.transfers import offer_transfer, photo, transfer_of, transfer_order

pytestmark = pytest.mark.django_db
Status = TransferRequest.Status


@pytest.fixture(autouse=True)
def without_online_payment(settings):
    """Transfers need no provider: nobody is asked."""
    settings.STRIPE_SECRET_KEY = ""


@pytest.fixture
def tempe():
    return make_shop("Dapur Tempe")


@pytest.fixture
def kopi():
    return make_shop("Kopi Jendela")


@pytest.fixture
def keripik(tempe):
    return make_variant(tempe, "Keripik", price=20_000, stock=5)


@pytest.fixture
def blend(kopi):
    return make_variant(kopi, "Blend", price=52_000, stock=5)


def owner(vendor):
    return vendor.members.get(role="owner").user


def stock(variant):
    row = StockItem.objects.get(variant=variant)
    return row.on_hand, row.reserved


# --- where a shop is paid ----------------------------------------------------------------------------------------
def test_an_account_is_kept_and_the_owners_are_told(tempe):
    offer_transfer(tempe)
    tempe.refresh_from_db()
    assert tempe.accepts_transfer
    assert tempe.transfer_account.qris_name == "Dapur Tempe"
    assert Notification.objects.filter(user=owner(tempe), kind="transfer_account_changed").count() == 1
    written = AuditEvent.objects.get(action="transfers.account_saved").data
    assert written["number_tail"] == "7890"
    assert "1234567890" not in str(written)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"bank_name": "BCA", "is_offered": False}, "transfer.half_account"),
        (
            {"bank_name": "BCA", "account_number": "12a", "account_holder": "Siti", "is_offered": False},
            "transfer.bad_number",
        ),
        ({"is_offered": True}, "transfer.nowhere"),
        ({"qris_payload": "halo", "is_offered": True}, "qris.invalid"),
    ],
)
def test_half_an_account_is_refused_and_changes_nothing(tempe, fields, code):
    with pytest.raises(DomainError) as refused:
        services.save_account(vendor=tempe, actor=owner(tempe), **fields)
    assert refused.value.code == code
    tempe.refresh_from_db()
    assert not tempe.accepts_transfer


# --- what is owed ------------------------------------------------------------------------------------------------
def test_every_shop_is_owed_its_part_with_the_amount_in_its_code(keripik, blend):
    order = transfer_order([(keripik, 2), (blend, 1)])
    owed = {row.suborder.vendor.name: row for row in TransferRequest.objects.all()}
    assert {name: row.amount for name, row in owed.items()} == {"Dapur Tempe": 50_000, "Kopi Jendela": 62_000}
    assert "540550000" in owed["Dapur Tempe"].qris_payload
    assert owed["Kopi Jendela"].account_number == "1234567890"
    assert Order.objects.get(pk=order.pk).expires_at is None


def test_a_changed_account_does_not_change_what_was_shown(tempe, keripik):
    order = transfer_order([(keripik, 1)])
    services.save_account(
        vendor=tempe,
        actor=owner(tempe),
        bank_name="Bank Lain",
        account_number="999",
        account_holder="Lain",
        is_offered=True,
    )
    assert transfer_of(order, tempe).bank_name == "Bank Contoh"


def test_a_shop_that_stopped_taking_transfers_refuses_the_order(keripik):
    order = make_order([(keripik, 1)], method=PaymentMethod.MANUAL_TRANSFER)
    with pytest.raises(DomainError) as refused:
        services.request_transfers(order=order)
    assert refused.value.code == "transfer.not_offered"


# --- proofs and answers ------------------------------------------------------------------------------------------
def test_a_confirmed_proof_pays_the_part_and_the_order(tempe, keripik):
    order = transfer_order([(keripik, 2)])
    attempt = create_attempt(order=order, method=PaymentMethod.MANUAL_TRANSFER)
    transfer = transfer_of(order, tempe)
    proof = services.send_proof(request_id=transfer.pk, file=photo(), sender_name="Budi")
    transfer.refresh_from_db()
    assert transfer.status == Status.CHECKING
    assert stock(keripik) == (5, 2)
    assert services.confirm_transfer(request_id=transfer.pk, actor=owner(tempe)) is True
    assert services.confirm_transfer(request_id=transfer.pk, actor=owner(tempe)) is False
    order.refresh_from_db()
    proof.refresh_from_db()
    assert (order.status, proof.answer) == (Order.Status.PAID, TransferProof.Answer.CONFIRMED)
    assert order.suborders.get().status == SubOrder.Status.CONFIRMED
    assert stock(keripik) == (3, 0)
    assert (attempt.provider, attempt.expires_at) == (ProviderName.MANUAL, None)
    reconcile()
    assert PaymentAttempt.objects.get(pk=attempt.pk).status == PaymentAttempt.Status.PAID
    # The buyer's money went to the shop: none of it is in our books.
    assert balance(account=Account.GATEWAY_CLEARING) == 0


def test_commission_on_a_transfer_is_owed_by_the_shop(tempe, keripik):
    order = transfer_order([(keripik, 2)])
    SubOrder.objects.filter(order=order).update(commission_rate=200, commission=1_000, net=49_000)
    create_attempt(order=order, method=PaymentMethod.MANUAL_TRANSFER)
    services.confirm_transfer(request_id=transfer_of(order, tempe).pk, actor=owner(tempe))
    reconcile()
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=tempe.pk) == 1_000
    assert balance(account=Account.COMMISSION) == -1_000


def test_an_order_of_two_shops_is_paid_when_both_have_their_money(tempe, kopi, keripik, blend):
    order = transfer_order([(keripik, 1), (blend, 1)])
    services.confirm_transfer(request_id=transfer_of(order, tempe).pk, actor=owner(tempe))
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING
    assert SubOrder.objects.get(order=order, vendor=tempe).status == SubOrder.Status.CONFIRMED
    services.confirm_transfer(request_id=transfer_of(order, kopi).pk, actor=owner(kopi))
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def test_a_refused_proof_gives_the_buyer_another_try(tempe, keripik):
    order = transfer_order([(keripik, 1)])
    transfer = transfer_of(order, tempe)
    services.send_proof(request_id=transfer.pk, file=photo())
    with pytest.raises(DomainError):
        services.refuse_proof(request_id=transfer.pk, actor=owner(tempe), reason=" ")
    assert services.refuse_proof(request_id=transfer.pk, actor=owner(tempe), reason="Kurang Rp5.000") is True
    transfer.refresh_from_db()
    assert transfer.status == Status.WAITING
    mail = OutboxMessage.objects.filter(topic="notifications.mail", payload__kind="transfer_refused").get()
    assert mail.payload["context"]["reason"] == "Kurang Rp5.000"
    services.send_proof(request_id=transfer.pk, file=photo())
    assert list(transfer.proofs.values_list("answer", flat=True)) == ["refused", "open"]


def test_a_second_proof_waits_for_the_first_answer(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    services.send_proof(request_id=transfer.pk, file=photo())
    with pytest.raises(DomainError) as refused:
        services.send_proof(request_id=transfer.pk, file=photo())
    assert refused.value.code == "transfer.checking"


def test_what_is_no_picture_is_refused(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    with pytest.raises(DomainError):
        services.send_proof(request_id=transfer.pk, file=SimpleUploadedFile("bukti.jpg", b"<script>alert(1)</script>"))
    assert TransferProof.objects.count() == 0


def test_after_too_many_proofs_people_have_to_talk(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    for _try in range(services.MOST_PROOFS):
        services.send_proof(request_id=transfer.pk, file=photo())
        services.refuse_proof(request_id=transfer.pk, actor=owner(tempe), reason="Belum masuk")
    with pytest.raises(DomainError) as refused:
        services.send_proof(request_id=transfer.pk, file=photo())
    assert refused.value.code == "transfer.too_many"


# --- terms -------------------------------------------------------------------------------------------------------
def overdue(transfer):
    TransferRequest.objects.filter(pk=transfer.pk).update(due_at=timezone.now() - timedelta(minutes=1))


def test_nobody_paid_in_time(tempe, keripik):
    order = transfer_order([(keripik, 2)])
    overdue(transfer_of(order, tempe))
    assert clock.keep_terms()["ended"] == 1
    assert clock.keep_terms()["ended"] == 0
    order.refresh_from_db()
    assert order.status == Order.Status.EXPIRED
    assert stock(keripik) == (5, 0)


def test_what_one_shop_was_not_paid_ends_and_the_rest_goes_on(tempe, kopi, keripik, blend):
    order = transfer_order([(keripik, 1), (blend, 1)])
    services.confirm_transfer(request_id=transfer_of(order, tempe).pk, actor=owner(tempe))
    overdue(transfer_of(order, kopi))
    clock.keep_terms()
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert {part.vendor_id: part.status for part in order.suborders.all()} == {
        tempe.pk: SubOrder.Status.CONFIRMED,
        kopi.pk: SubOrder.Status.CANCELLED,
    }


def test_a_silent_shop_is_reminded_once_and_then_operators_decide(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    services.send_proof(request_id=transfer.pk, file=photo())
    assert clock.keep_terms() == {"ended": 0, "reminded": 0, "escalated": 0}
    half = timedelta(hours=TransferTerms.load().hours_to_confirm) / 2
    TransferRequest.objects.filter(pk=transfer.pk).update(due_at=timezone.now() + half - timedelta(minutes=1))
    assert clock.keep_terms()["reminded"] == 1
    overdue(transfer)
    assert clock.keep_terms() == {"ended": 0, "reminded": 0, "escalated": 1}
    assert clock.keep_terms() == {"ended": 0, "reminded": 0, "escalated": 0}
    # The goods stay promised while people look at it.
    assert stock(keripik) == (5, 1)
    assert Notification.objects.filter(user=owner(tempe), kind="transfer_reminder").count() == 1


def test_the_operators_terms_count(tempe, keripik):
    TransferTerms.objects.update_or_create(pk=TransferTerms.load().pk, defaults={"hours_to_pay": 3})
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    assert timedelta(hours=2, minutes=59) < transfer.due_at - timezone.now() <= timedelta(hours=3)


def test_money_for_a_part_that_has_ended_is_not_confirmed(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    services.end_transfer(request_id=transfer.pk, actor=None, note="")
    with pytest.raises(IllegalTransition):
        services.confirm_transfer(request_id=transfer.pk, actor=owner(tempe))
    assert stock(keripik) == (5, 0)


def test_the_pictures_of_old_proofs_are_deleted_and_their_answers_stay(tempe, keripik):
    transfer = transfer_of(transfer_order([(keripik, 1)]), tempe)
    proof = services.send_proof(request_id=transfer.pk, file=photo(), sender_name="Budi")
    services.confirm_transfer(request_id=transfer.pk, actor=owner(tempe))
    assert clock.delete_old_proofs() == 0
    long_ago = timezone.now() - timedelta(days=200)
    TransferProof.objects.filter(pk=proof.pk).update(sent_at=long_ago, answered_at=long_ago)
    storage, name = proof.file.storage, proof.file.name
    assert storage.exists(name)
    assert clock.delete_old_proofs() == 1
    proof.refresh_from_db()
    assert (storage.exists(name), proof.file.name, proof.sender_name, proof.answer) == (False, "", "", "confirmed")
