"""The objects of Stripe's API as JSON documents, in the shape of its published schema.

Keys that begin with an underscore are the sandbox's own notes; `public()` removes them before anything leaves.
"""

from typing import Any

from marketplace.payments.sandbox.store import Object, new_id

CURRENCY = "idr"
API_VERSION = "2026-05-27.dahlia"


def public(value: Any) -> Any:
    """A copy without the sandbox's own notes."""
    if isinstance(value, dict):
        return {key: public(inner) for key, inner in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value


def listing(url: str, data: list[Object], has_more: bool = False) -> Object:
    """A page of a list."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def line_item(*, name: str, description: str, unit_amount: int, quantity: int, created: int) -> Object:
    """One line of a checkout session, with its one-off price."""
    total = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": CURRENCY,
        "description": name,
        "metadata": {},
        "_note": description,
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": created,
            "currency": CURRENCY,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod", 14),
            "recurring": None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": unit_amount,
            "unit_amount_decimal": str(unit_amount),
        },
        "quantity": quantity,
    }


def checkout_session(*, total: int, created: int, **fields: Any) -> Object:
    """A checkout session in its first state; `fields` are those that came from the request."""
    session = {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": None,
        "client_reference_id": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": created,
        "currency": CURRENCY,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": None,
        "metadata": {},
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card", "customer_balance"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }
    return session | fields


def payment_intent(*, amount: int, created: int, method: str, metadata: dict[str, str], group: str | None) -> Object:
    """A payment that waits for a method."""
    identifier = new_id("pi")
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{identifier}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": CURRENCY,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": [method],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": group,
    }


def method_details(card: Object | None) -> Object:
    """How a charge was paid: a card, or a transfer into the customer's balance."""
    if card is None:
        return {"type": "customer_balance", "customer_balance": {}}
    return {
        "type": "card",
        "card": {
            "amount_authorized": None,
            "brand": "visa" if card["number"].startswith("4") else "mastercard",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "ID",
            "exp_month": card["month"],
            "exp_year": card["year"],
            "fingerprint": f"sandbox{card['number'][-4:]}",
            "funding": "credit",
            "installments": None,
            "last4": card["number"][-4:],
            "mandate": None,
            "network": "visa" if card["number"].startswith("4") else "mastercard",
            "three_d_secure": None,
            "wallet": None,
        },
    }


def charge(*, intent: Object, created: int, status: str, card: Object | None, name: str, email: str) -> Object:
    """An attempt to move money for a payment intent: `succeeded`, `pending` or `failed`."""
    paid = status == "succeeded"
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": None,
            "email": email or None,
            "name": name or None,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "LAPAK SANDBOX",
        "captured": paid,
        "created": created,
        "currency": CURRENCY,
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network" if status == "failed" else "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete." if paid else "The payment did not complete.",
            "type": "issuer_declined" if status == "failed" else "authorized",
        },
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm"),
        "payment_method_details": method_details(card),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        "_card": card["number"] if card else "",
    }


def balance_transaction(*, source: str, kind: str, amount: int, fee: int, created: int) -> Object:
    """A movement on the balance; `amount` is signed, `fee` is what Stripe keeps of it."""
    fee_details = []
    if fee:
        fee_details = [
            {
                "amount": fee,
                "application": None,
                "currency": CURRENCY,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": CURRENCY,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fee_details,
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "available",
        "type": kind,
    }


def refund(*, charge: Object, amount: int, reason: str | None, metadata: dict[str, str], created: int) -> Object:
    """A refund that has just begun."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": created,
        "currency": CURRENCY,
        "destination_details": {"type": "card", "card": {"type": "refund"}},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def transfer(*, amount: int, destination: str, created: int, **fields: Any) -> Object:
    """Money moved from the platform to a connected account."""
    identifier = new_id("tr")
    return {
        "id": identifier,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": created,
        "currency": CURRENCY,
        "description": None,
        "destination": destination,
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": {},
        "reversals": listing(f"/v1/transfers/{identifier}/reversals", []),
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": None,
    } | fields


def transfer_reversal(*, transfer: Object, amount: int, metadata: dict[str, str], created: int) -> Object:
    """Money taken back from a connected account."""
    return {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": created,
        "currency": CURRENCY,
        "destination_payment_refund": None,
        "metadata": metadata,
        "source_refund": None,
        "transfer": transfer["id"],
    }


def account(*, country: str, email: str | None, kind: str, metadata: dict[str, str], created: int) -> Object:
    """A connected account whose owner still has to answer Stripe's questions."""
    return {
        "id": new_id("acct", 16),
        "object": "account",
        "business_type": None,
        "capabilities": {"transfers": "inactive"},
        "charges_enabled": False,
        "country": country,
        "created": created,
        "default_currency": CURRENCY,
        "details_submitted": False,
        "email": email,
        "metadata": metadata,
        "payouts_enabled": False,
        "type": kind,
    }


def event(*, kind: str, subject: Object, created: int, request_id: str | None, key: str | None) -> Object:
    """What happened, with the object as it was then."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": public(subject)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": request_id, "idempotency_key": key},
        "type": kind,
    }
