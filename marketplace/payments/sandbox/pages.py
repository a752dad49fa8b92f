"""The sandbox's pages: the hosted payment page, the bank's question, and the list of what the sandbox holds."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.money import format_rupiah
from marketplace.payments.sandbox import outgoing
from marketplace.payments.sandbox.engine import Engine, Payer
from marketplace.payments.sandbox.store import Object

LANGUAGES = ("id", "en")


@dataclass
class Form:
    """What the buyer typed, and what is wrong with it."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value without spaces at its ends."""
        return self.values.get(name, "").strip()

    def payer(self) -> Payer:
        """The buyer as the engine wants it; fills `errors` when the card cannot be read."""
        name, email = self.get("name")[:200], self.get("email")[:200]
        if self.get("method") == "transfer":
            return Payer(card=None, name=name, email=email)
        number = re.sub(r"\D", "", self.get("card_number"))
        if not 13 <= len(number) <= 19 or not _passes_luhn(number):
            self.errors["card_number"] = _("This card number isn't complete. Check its digits.")
        month, year = self._expiry()
        if not re.fullmatch(r"\d{3,4}", self.get("card_cvc")):
            self.errors["card_cvc"] = _("The security code is the 3 or 4 digits on the card.")
        return Payer(card={"number": number, "month": month, "year": year}, name=name, email=email)

    def _expiry(self) -> tuple[int, int]:
        match = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{2}|\d{4})", self.get("card_expiry"))
        today = datetime.date.today()  # noqa: DTZ011 - a card's month has no time zone
        month, year = (int(match[1]), int(match[2]) % 100 + 2000) if match else (0, 0)
        if not 1 <= month <= 12:
            self.errors["card_expiry"] = _("Write the month and year like 12/34.")
        elif (year, month) < (today.year, today.month):
            self.errors["card_expiry"] = _("This card has expired. Use another one.")
        return month, year


def _passes_luhn(number: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + index % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def language_of(session: Object, accept: str) -> str:
    """The session's language, or the browser's when the session leaves it open."""
    wanted = session.get("locale") or "auto"
    if wanted == "auto":
        wanted = accept[:2]
    return wanted[:2] if wanted[:2] in LANGUAGES else LANGUAGES[0]


def decline_message(code: str) -> str:
    """Why a payment did not go through and what to do, in the page's language."""
    return {
        "card_declined": _("The bank declined this card. Use another card or another way to pay."),
        "insufficient_funds": _("There isn't enough money on this card. Use another card or another way to pay."),
        "authentication_failed": _("The bank couldn't confirm that it was you. Try again or use another card."),
    }.get(code, "")


def test_cards() -> list[tuple[str, str]]:
    """The numbers to try and what each does."""
    return [
        ("4242 4242 4242 4242", _("pays")),
        ("4000 0025 0000 3155", _("the bank asks first")),
        ("4000 0000 0000 0002", _("declined")),
        ("4000 0000 0000 9995", _("not enough money")),
        ("4000 0000 0000 7726", _("pays; a refund takes a while")),
        ("4000 0000 0000 5126", _("pays; a refund fails later")),
        ("4000 0000 0000 0259", _("pays; the bank asks it back later")),
    ]


def pay_page(session: Object, *, language: str, form: Form | None = None, decline: str = "") -> str:
    """The hosted page of an open session, or why it cannot be paid any more."""
    with translation.override(language):
        context: dict[str, Any] = {
            "language": language,
            "session": session,
            "total": format_rupiah(session["amount_total"] // 100),
            "lines": [
                {
                    "name": line["description"],
                    "note": line["_note"],
                    "quantity": line["quantity"],
                    "amount": format_rupiah(line["amount_total"] // 100),
                }
                for line in session["_lines"]
            ],
            "form": form or Form({"email": session["customer_email"] or ""}),
            "decline": decline_message(decline),
            "test_cards": test_cards(),
        }
        template = "pay" if session["status"] == "open" else "closed"
        return render_to_string(f"payments/sandbox/{template}.html", context)


def bank_page(session: Object, *, language: str) -> str:
    """The bank's question before a card may be charged."""
    with translation.override(language):
        total = format_rupiah(session["amount_total"] // 100)
        context = {"language": language, "session": session, "total": total}
        return render_to_string("payments/sandbox/bank.html", context)


def index_page(engine: Engine) -> str:
    """What the sandbox holds, newest first."""
    store = engine.store
    deliveries: dict[str, list[str]] = {}
    for row in store.execute("SELECT event, state, tries, last_status FROM delivery ORDER BY seq"):
        deliveries.setdefault(row["event"], []).append(f"{row['state']} ({row['tries']}×, {row['last_status'] or '–'})")
    rows = {
        kind: store.newest(kind)[:50]
        for kind in (
            "checkout.session",
            "payment_intent",
            "charge",
            "refund",
            "dispute",
            "transfer",
            "account",
            "event",
        )
    }
    for group in rows.values():
        for item in group:
            item["rupiah"] = format_rupiah(item["amount"] // 100) if "amount" in item else ""
            item["when"] = datetime.datetime.fromtimestamp(item["created"], tz=datetime.UTC)
    for session in rows["checkout.session"]:
        session["rupiah"] = format_rupiah(session["amount_total"] // 100)
    for event in rows["event"]:
        event["subject"] = event["data"]["object"]["id"]
        event["deliveries"] = deliveries.get(event["id"], [])
    awaited = {intent["id"] for intent in rows["payment_intent"] if intent["status"] == "processing"}
    with translation.override("en"):
        return render_to_string(
            "payments/sandbox/index.html",
            {
                "language": "en",
                "sessions": rows["checkout.session"],
                "intents": rows["payment_intent"],
                "charges": [charge for charge in rows["charge"] if charge["paid"]],
                "refunds": rows["refund"],
                "disputes": rows["dispute"],
                "balance": format_rupiah(outgoing.balance(engine) // 100),
                "transfers": rows["transfer"],
                "accounts": rows["account"],
                "events": rows["event"],
                "awaited": awaited,
                "faults": store.execute("SELECT * FROM fault WHERE times > 0"),
            },
        )
