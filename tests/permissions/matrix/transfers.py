"""Paying shops directly: whoever has the order's address pays, the shop answers, operators when it does not."""

from django.utils import timezone

from marketplace.transfers.models import TransferRequest
from marketplace.transfers.services import send_proof
from tests.factories.transfers import offer_transfer, photo, transfer_of, transfer_order
from tests.permissions.matrix_row import MEMBERS_ONLY, OPERATOR_ONLY, PUBLIC, SIGN_IN, Row, shape
from tests.roles import Scene


def waiting(scene: Scene) -> TransferRequest:
    offer_transfer(scene.vendor, qris=False)
    return transfer_of(transfer_order([(scene.variant, 1)]), scene.vendor)


def checking(scene: Scene) -> TransferRequest:
    transfer = waiting(scene)
    send_proof(request_id=transfer.pk, file=photo())
    return transfer


def escalated(scene: Scene) -> TransferRequest:
    transfer = checking(scene)
    TransferRequest.objects.filter(pk=transfer.pk).update(escalated_at=timezone.now())
    return transfer


def order_of(transfer: TransferRequest) -> dict[str, object]:
    order = transfer.suborder.order
    return {"number": order.number, "token": order.token}


def of_buyer(scene: Scene) -> dict[str, object]:
    return order_of(waiting(scene))


def one_of_buyer(scene: Scene) -> dict[str, object]:
    transfer = waiting(scene)
    return order_of(transfer) | {"pk": transfer.pk}


def proof_of_buyer(scene: Scene) -> dict[str, object]:
    transfer = checking(scene)
    return order_of(transfer) | {"pk": transfer.proofs.get().pk}


def guessed(arguments):  # type: ignore[no-untyped-def]
    return lambda scene: arguments(scene) | {"token": "guessed"}


def shop(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug}


def of_shop(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": checking(scene).pk}


def of_other_shop(scene: Scene) -> dict[str, object]:
    """The own shop's address with another shop's transfer."""
    return {"vendor_slug": scene.other_vendor.slug, "pk": checking(scene).pk}


def proof_of_shop(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": checking(scene).proofs.get().pk}


def proof_of_other_shop(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.other_vendor.slug, "pk": checking(scene).proofs.get().pk}


def with_operators(scene: Scene) -> dict[str, object]:
    return {"pk": escalated(scene).pk}


def still_with_shop(scene: Scene) -> dict[str, object]:
    return {"pk": checking(scene).pk}


def proof_with_operators(scene: Scene) -> dict[str, object]:
    return {"pk": escalated(scene).proofs.get().pk}


MEMBERS_POST = MEMBERS_ONLY | {"vendor_owner": 302, "vendor_staff": 302}
NOBODY = shape(404, visitor=SIGN_IN)
# Where the money goes is the owner's alone; staff are told so.
OWNER_PAGE = shape(404, visitor=SIGN_IN, vendor_owner=200, vendor_staff=403)

ROWS = [
    Row("transfers:detail", PUBLIC, kwargs=of_buyer),
    Row("transfers:detail", shape(404), kwargs=guessed(of_buyer)),
    # Without a picture it is refused on the page, with what to do.
    Row("transfers:send-proof", shape(422), kwargs=one_of_buyer, method="POST"),
    Row("transfers:send-proof", shape(404), kwargs=guessed(one_of_buyer), method="POST"),
    Row("transfers:send-proof", shape(405), kwargs=one_of_buyer),
    Row("transfers:call-off", shape(302), kwargs=one_of_buyer, method="POST"),
    Row("transfers:call-off", shape(404), kwargs=guessed(one_of_buyer), method="POST"),
    Row("transfers:proof", PUBLIC, kwargs=proof_of_buyer),
    Row("transfers:proof", shape(404), kwargs=guessed(proof_of_buyer)),
    Row("portal:payment-methods", OWNER_PAGE, kwargs=shop),
    Row("portal:payment-methods", OWNER_PAGE | {"vendor_owner": 302}, kwargs=shop, method="POST"),
    Row("portal:transfers", MEMBERS_ONLY, kwargs=shop),
    Row("portal:transfer-confirm", MEMBERS_POST, kwargs=of_shop, method="POST"),
    Row("portal:transfer-confirm", NOBODY, kwargs=of_other_shop, method="POST"),
    Row("portal:transfer-refuse", MEMBERS_POST, kwargs=of_shop, method="POST", vendor_owner=422, vendor_staff=422),
    Row("portal:transfer-refuse", NOBODY, kwargs=of_other_shop, method="POST"),
    Row("portal:transfer-proof", MEMBERS_ONLY, kwargs=proof_of_shop),
    Row("portal:transfer-proof", NOBODY, kwargs=proof_of_other_shop),
    Row("transfers_admin:queue", OPERATOR_ONLY),
    Row("transfers_admin:answer", OPERATOR_ONLY | {"operator": 302}, kwargs=with_operators, method="POST"),
    Row("transfers_admin:answer", OPERATOR_ONLY | {"operator": 404}, kwargs=still_with_shop, method="POST"),
    Row("transfers_admin:proof", OPERATOR_ONLY, kwargs=proof_with_operators),
    Row("transfers_admin:proof", OPERATOR_ONLY | {"operator": 404}, kwargs=still_with_shop),
]
