"""What the sandbox does with money that goes out: refunds, transfers, connected accounts; and what happens later."""

from typing import Any

from marketplace.payments.sandbox import disputes, shapes
from marketplace.payments.sandbox.engine import Engine
from marketplace.payments.sandbox.errors import ApiError
from marketplace.payments.sandbox.store import Object

DEMO_PAYMENT = "pi_demo"
DEMO_AMOUNT = 10_000_000_000
REFUND_SUCCEEDS_LATER = "4000000000007726"
REFUND_FAILS_LATER = "4000000000005126"


def adopt_demo_payment(engine: Engine, intent_id: str) -> None:
    """A payment of the demo's past, which was played without this server: made up when somebody refunds it.

    Its money counts as paid out already, as the demo books it.
    """
    intent = shapes.payment_intent(
        amount=DEMO_AMOUNT, created=engine.store.now(), method="card", metadata={}, group=None
    )
    card = {"number": "4242424242424242", "month": 12, "year": 2034}
    charge = shapes.charge(
        intent=intent | {"id": intent_id}, created=engine.store.now(), status="succeeded", card=card, name="", email=""
    )
    intent.update(id=intent_id, status="succeeded", amount_received=DEMO_AMOUNT, latest_charge=charge["id"])
    engine.store.put(intent)
    engine.store.put(charge)


def create_refund(
    engine: Engine, *, charge_id: str, amount: int | None, reason: str | None, metadata: dict[str, str]
) -> Object:
    """Give back all that is left of a charge, or `amount` of it."""
    charge = engine.get("charge", charge_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise ApiError(f"Charge {charge_id} has already been refunded.", code="charge_already_refunded")
    amount = left if amount is None else amount
    if amount <= 0:
        raise ApiError("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    refund = shapes.refund(charge=charge, amount=amount, reason=reason, metadata=metadata, created=engine.store.now())
    if charge["_card"] == REFUND_SUCCEEDS_LATER:
        refund.update(status="pending", pending_reason="processing")
        engine.schedule("refund.succeed", refund["id"])
    if charge["_card"] == REFUND_FAILS_LATER:
        engine.schedule("refund.fail", refund["id"])
    movement = engine.move(source=refund["id"], kind="refund", amount=-amount)
    refund["balance_transaction"] = movement["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    engine.store.put(refund)
    engine.store.put(charge)
    engine.emit("refund.created", refund)
    engine.emit("charge.refunded", charge)
    return refund


def refund_in_dashboard(engine: Engine, charge_id: str) -> Object:
    """Somebody gives half of what is left back on Stripe's own pages: nothing of it says which sale it was."""
    charge = engine.get("charge", charge_id)
    half = (charge["amount_captured"] - charge["amount_refunded"]) // 2 // 100 * 100
    return create_refund(engine, charge_id=charge_id, amount=half or None, reason=None, metadata={})


def finish_refund(engine: Engine, identifier: str, *, succeeds: bool) -> None:
    """A slow refund ends; a failed one returns the money to the balance."""
    refund = engine.get("refund", identifier)
    if refund["status"] == "failed" or (succeeds and refund["status"] == "succeeded"):
        return
    refund.pop("pending_reason", None)
    refund["status"] = "succeeded" if succeeds else "failed"
    if not succeeds:
        charge = engine.get("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        engine.store.put(charge)
        movement = engine.move(source=refund["id"], kind="refund_failure", amount=refund["amount"])
        refund.update(failure_reason="expired_or_canceled_card", failure_balance_transaction=movement["id"])
    engine.store.put(refund)
    engine.emit("refund.updated", refund)
    if not succeeds:
        engine.emit("refund.failed", refund)


def create_transfer(engine: Engine, *, amount: int, destination: str, source: str | None, **fields: Any) -> Object:
    """Move money to a connected account, at most what the source charge has left."""
    account = engine.get("account", destination)
    if account["capabilities"].get("transfers") != "active":
        raise ApiError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            code="insufficient_capabilities_for_transfer",
        )
    if source:
        charge = engine.get("charge", source)
        moved = sum(
            other["amount"] for other in engine.store.newest("transfer") if other["source_transaction"] == source
        )
        if moved + amount > charge["amount_captured"]:
            raise ApiError("Transfers using this transaction as a source must not exceed its amount.", param="amount")
        fields["transfer_group"] = fields.get("transfer_group") or charge["transfer_group"]
    elif amount > balance(engine):
        raise ApiError("You have insufficient available funds in your Stripe account.", code="balance_insufficient")
    transfer = shapes.transfer(
        amount=amount, destination=destination, created=engine.store.now(), source_transaction=source, **fields
    )
    movement = engine.move(source=transfer["id"], kind="transfer", amount=-amount)
    transfer["balance_transaction"] = movement["id"]
    engine.store.put(transfer)
    engine.emit("transfer.created", transfer)
    return transfer


def reverse_transfer(engine: Engine, *, transfer_id: str, amount: int | None, metadata: dict[str, str]) -> Object:
    """Take back all that is left of a transfer, or `amount` of it."""
    transfer = engine.get("transfer", transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise ApiError(f"You can only reverse up to {left} of this transfer.", param="amount")
    reversal = shapes.transfer_reversal(transfer=transfer, amount=amount, metadata=metadata, created=engine.store.now())
    movement = engine.move(source=reversal["id"], kind="transfer_refund", amount=amount)
    reversal["balance_transaction"] = movement["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    engine.store.put(reversal)
    engine.store.put(transfer)
    engine.emit("transfer.reversed", transfer)
    return reversal


def activate_account(engine: Engine, identifier: str) -> Object:
    """The account's owner has answered all questions."""
    account = engine.get("account", identifier)
    account.update(charges_enabled=True, payouts_enabled=True, details_submitted=True)
    account["capabilities"] = {"transfers": "active"}
    engine.store.put(account)
    engine.emit("account.updated", account)
    return account


def balance(engine: Engine) -> int:
    """What the platform's balance holds."""
    return sum(movement["net"] for movement in engine.store.newest("balance_transaction"))


def run_scheduled(engine: Engine, *, everything: bool = False) -> int:
    """Do what is due (or all that waits) and return how many things happened."""
    rows = engine.store.execute(
        "SELECT * FROM scheduled WHERE due <= ? OR ? ORDER BY seq", engine.store.now(), int(everything)
    )
    for row in rows:
        engine.store.execute("DELETE FROM scheduled WHERE seq = ?", row["seq"])
        act(engine, row["action"], row["object"])
    return len(rows)


def act(engine: Engine, action: str, identifier: str) -> None:
    """Let one thing happen now: `transfer.succeed`, `transfer.fail`, `refund.fail`, `dispute.open`, …"""
    what, _dot, how = action.partition(".")
    if what == "transfer":
        engine.finish_transfer(identifier, arrives=how == "succeed")
    elif action == "charge.refund":
        refund_in_dashboard(engine, identifier)
    elif what == "refund":
        finish_refund(engine, identifier, succeeds=how == "succeed")
    elif action == "dispute.open":
        disputes.open_dispute(engine, identifier)
    elif action == "dispute.evidence":
        disputes.hand_in_evidence(engine, identifier)
    elif what == "dispute":
        disputes.close_dispute(engine, identifier, is_won=how == "win")
    elif action == "account.activate":
        activate_account(engine, identifier)
    elif action == "session.expire":
        engine.expire_session(identifier)
    else:
        raise ApiError(f"Unknown action {action}")
