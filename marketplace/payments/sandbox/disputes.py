"""What the sandbox does when a buyer's bank asks a payment back: money is withdrawn, evidence awaited, decided."""

from marketplace.payments.sandbox import shapes
from marketplace.payments.sandbox.engine import Engine
from marketplace.payments.sandbox.errors import ApiError
from marketplace.payments.sandbox.store import Object, new_id

# Like Stripe's, a fee that comes back only when the dispute is won. In hundredths of a rupiah.
FEE = 15_000 * 100
TIME_TO_ANSWER = 7 * 24 * 3600


def open_dispute(engine: Engine, charge_id: str, *, reason: str = "fraudulent") -> Object:
    """The bank takes the whole charge back for now, with a fee."""
    charge = engine.get("charge", charge_id)
    if charge["disputed"]:
        raise ApiError(f"Charge {charge_id} is disputed already.")
    now = engine.store.now()
    dispute = _shape(charge, reason=reason, created=now)
    dispute["balance_transactions"] = [_move(engine, dispute, "dispute", -dispute["amount"], FEE)]
    charge["disputed"] = True
    engine.store.put(dispute)
    engine.store.put(charge)
    engine.emit("charge.dispute.created", dispute)
    engine.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def hand_in_evidence(engine: Engine, identifier: str) -> Object:
    """The operator answered on Stripe's pages; the bank looks at it."""
    dispute = engine.get("dispute", identifier)
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute takes no evidence any more.")
    dispute["status"] = "under_review"
    dispute["evidence_details"].update(has_evidence=True, submission_count=1)
    engine.store.put(dispute)
    engine.emit("charge.dispute.updated", dispute)
    return dispute


def close_dispute(engine: Engine, identifier: str, *, is_won: bool) -> Object:
    """The bank has decided: a won dispute gives money and fee back."""
    dispute = engine.get("dispute", identifier)
    if dispute["status"] in ("won", "lost"):
        raise ApiError("This dispute is decided already.")
    dispute["status"] = "won" if is_won else "lost"
    if is_won:
        movement = _move(engine, dispute, "dispute_reversal", dispute["amount"], -FEE)
        dispute["balance_transactions"].append(movement)
    engine.store.put(dispute)
    engine.emit("charge.dispute.closed", dispute)
    if is_won:
        engine.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def _move(engine: Engine, dispute: Object, category: str, amount: int, fee: int) -> Object:
    movement = engine.move(source=dispute["id"], kind=category, amount=amount, fee=fee)
    movement["type"] = "adjustment"
    return engine.store.put(movement)


def _shape(charge: Object, *, reason: str, created: int) -> Object:
    evidence = dict.fromkeys(EVIDENCE_FIELDS)
    return {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": created,
        "currency": shapes.CURRENCY,
        "enhanced_eligibility_types": [],
        "evidence": evidence | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + TIME_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
        },
        "reason": reason,
        "status": "needs_response",
    }


EVIDENCE_FIELDS = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip
