"""The way to the payment page and back, the provider's messages, and the operators' list."""

from marketplace.orders.models import Order, PaymentMethod
from marketplace.payments.models import Finding, PaymentAttempt, Refund, WebhookEvent
from tests.factories.orders import make_order
from tests.permissions.matrix_row import OPERATOR_ONLY, Row, shape
from tests.roles import Scene


def cash_order(scene: Scene) -> Order:
    return make_order([(scene.variant, 1)], method=PaymentMethod.COD)


def address(scene: Scene) -> dict[str, str]:
    order = cash_order(scene)
    return {"number": order.number, "token": order.token}


def attempt(scene: Scene) -> dict[str, int]:
    made = PaymentAttempt.objects.create(order=cash_order(scene), provider="offline", method="cod", amount=1)
    return {"pk": made.pk}


def event(scene: Scene) -> dict[str, int]:
    return {"pk": WebhookEvent.objects.create(provider="stripe", event_id="evt_1", kind="x", body="{}").pk}


def refund(scene: Scene, **fields: str) -> Refund:
    made = PaymentAttempt.objects.get(pk=attempt(scene)["pk"])
    return Refund.objects.create(
        attempt=made,
        amount=1,
        idempotency_key=f"r{made.pk}",
        **{"status": "failed", "reason": "cancelled", **fields},
    )


ONLY_OPERATOR_POSTS = OPERATOR_ONLY | {"operator": 302}

ROWS = [
    # Whoever has the order's address may pay it; the order page says why when it cannot be paid.
    Row("payments:pay", shape(302), method="POST", kwargs=address),
    Row("payments:pay", shape(404), method="POST", kwargs=lambda scene: address(scene) | {"token": "guessed"}),
    Row("payments:cancelled", shape(302), kwargs=address),
    Row("payments:cancelled", shape(404), kwargs=lambda scene: address(scene) | {"token": "guessed"}),
    Row("payments:return", shape(404), data={"session_id": ""}),
    # Guarded by its signature alone.
    Row("payment_webhooks:stripe", shape(400), method="POST"),
    Row("payments_admin:review", OPERATOR_ONLY),
    Row(
        "payments_admin:reviewed",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": cash_order(scene).pk},
        data={"note": "x"},
    ),
    Row("payments_admin:ask", ONLY_OPERATOR_POSTS, method="POST", kwargs=attempt),
    Row(
        "payments_admin:repeat_refund",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": refund(scene).pk},
        data={"channel": "operator"},
    ),
    Row(
        "payments_admin:paid_by_hand",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": refund(scene, channel="operator", status="requested").pk},
        data={"note": ""},
    ),
    Row(
        "payments_admin:assign_refund",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": refund(scene, reason="outside", status="succeeded").pk},
        data={"share-1": "x"},
    ),
    Row(
        "payments_admin:handle_finding",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": Finding.objects.create(kind="payment_stuck", reference="attempt 1", detail="x").pk},
        data={"note": "x"},
    ),
    Row("payments_admin:reconciliation", OPERATOR_ONLY),
    Row("payments_admin:check_now", ONLY_OPERATOR_POSTS, method="POST"),
    Row("payments_admin:retry_event", ONLY_OPERATOR_POSTS, method="POST", kwargs=event),
]
