"""What the sandbox does with money that comes in: sessions, payments, and the events they cause."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from marketplace.payments.sandbox import shapes
from marketplace.payments.sandbox.errors import ApiError, not_found
from marketplace.payments.sandbox.store import Object, Store, new_id

# Test cards with Stripe's own numbers. The first word is what happens to the payment.
CARDS = {
    "4242424242424242": "success",
    "5555555555554444": "success",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000002500003155": "challenge",
    "4000000000007726": "success",  # its refunds begin as pending and succeed later
    "4000000000005126": "success",  # its refunds succeed and fail later
    "4000000000000259": "success",  # its owner disputes the payment later
}
DECLINES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "authentication_failed": "The bank could not confirm that it is you.",
}
FEE_PER_MILLE = 29
DISPUTED_LATER = "4000000000000259"


@dataclass(frozen=True)
class Payer:
    """What the buyer typed on the hosted page; `card` is None for a bank transfer."""

    card: Object | None
    name: str = ""
    email: str = ""


class Engine:
    """The rules. Every public method runs inside one transaction of the store.

    Arguments:
        store: where objects are kept.
        public_url: the address under which browsers reach the hosted page.
        delay_seconds: how long a bank transfer and a slow refund take by themselves.
    """

    def __init__(self, store: Store, *, public_url: str, delay_seconds: int = 60) -> None:
        self.store = store
        self.public_url = public_url.rstrip("/")
        self.delay_seconds = delay_seconds
        self.request_id: str | None = None
        self.request_key: str | None = None

    # --- events --------------------------------------------------------------------------------------------------
    def emit(self, kind: str, subject: Object) -> Object:
        """Record an event and line up its delivery, with the faults that were asked for."""
        event = shapes.event(
            kind=kind,
            subject=subject,
            created=self.store.now(),
            request_id=self.request_id,
            key=self.request_key,
        )
        self.store.put(event)
        fault, options = self.store.take_fault(("drop", "delay", "duplicate", "reorder"), kind) or ("", {})
        if fault == "drop":
            return event
        copies = int(options.get("copies", 2)) if fault == "duplicate" else 1
        wait = float(options.get("seconds", 5)) if fault == "delay" else 0.0
        # A reordered event is held without a due time until the next one has been lined up before it.
        due = None if fault == "reorder" else self.store.now() + wait
        for _copy in range(copies):
            self.store.execute("INSERT INTO delivery (event, due) VALUES (?, ?)", event["id"], due)
        if fault != "reorder":
            held = self.store.execute("SELECT seq, event FROM delivery WHERE due IS NULL AND state = 'waiting'")
            for row in held:
                self.store.execute("DELETE FROM delivery WHERE seq = ?", row["seq"])
                self.store.execute("INSERT INTO delivery (event, due) VALUES (?, ?)", row["event"], self.store.now())
        return event

    def get(self, kind: str, identifier: str) -> Object:
        """The object, or Stripe's 404."""
        found = self.store.get(identifier, kind)
        if found is None:
            raise not_found(kind, identifier)
        return found

    # --- checkout sessions ---------------------------------------------------------------------------------------
    def create_session(self, *, lines: list[Object], intent_data: Object, **fields: Any) -> Object:
        """Open a session for these lines."""
        now = self.store.now()
        identifier = new_id("cs_test", 58)
        session = shapes.checkout_session(
            total=sum(line["amount_total"] for line in lines),
            created=now,
            id=identifier,
            url=f"{self.public_url}/c/pay/{identifier}",
            _lines=lines,
            _intent_data=intent_data,
            **fields,
        )
        return self.store.put(session)

    def session(self, identifier: str) -> Object:
        """A session as it is now: one whose time has passed expires when somebody looks."""
        session = self.get("checkout.session", identifier)
        if session["status"] == "open" and session["expires_at"] <= self.store.now():
            return self._expire(session)
        return session

    def expire_session(self, identifier: str) -> Object:
        """Close an open session; nobody can pay it any more."""
        session = self.session(identifier)
        if session["status"] != "open":
            raise ApiError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of {session['status']}.",
                param="session",
            )
        return self._expire(session)

    def _expire(self, session: Object) -> Object:
        session.update(status="expired", url=None)
        self.store.put(session)
        self.emit("checkout.session.expired", session)
        return session

    def expire_due_sessions(self) -> None:
        """Close every open session whose time has passed."""
        for session in self.store.overdue_sessions():
            self._expire(session)

    # --- paying on the hosted page -------------------------------------------------------------------------------
    def intent_of(self, session: Object, method: str) -> Object:
        """The session's payment intent, made when the buyer first tries to pay."""
        if session["payment_intent"]:
            intent = self.get("payment_intent", session["payment_intent"])
            intent["payment_method_types"] = [method]
            return intent
        data = session["_intent_data"]
        intent = shapes.payment_intent(
            amount=session["amount_total"],
            created=self.store.now(),
            method=method,
            metadata=data.get("metadata", {}),
            group=data.get("transfer_group"),
        )
        session["payment_intent"] = intent["id"]
        self.store.put(intent)
        self.store.put(session)
        self.emit("payment_intent.created", intent)
        return intent

    def pay_by_card(self, identifier: str, payer: Payer, *, is_confirmed: bool = False) -> str:
        """Try to pay. Returns `paid`, `challenge` (the bank wants to ask), or the decline code."""
        session = self.session(identifier)
        if session["status"] != "open":
            return session["status"]
        intent = self.intent_of(session, "card")
        behaviour = CARDS.get(payer.card["number"] if payer.card else "", "card_declined")
        if behaviour == "challenge" and not is_confirmed:
            intent.update(status="requires_action", _payer=payer.__dict__)
            intent["next_action"] = {
                "type": "redirect_to_url",
                "redirect_to_url": {"url": f"{self.public_url}/c/pay/{identifier}/bank", "return_url": None},
            }
            self.store.put(intent)
            self.emit("payment_intent.requires_action", intent)
            return "challenge"
        if behaviour in DECLINES:
            return self._decline(intent, payer, behaviour)
        self._succeed(session, intent, payer)
        self._complete(session, payer, payment_status="paid")
        return "paid"

    def answer_challenge(self, identifier: str, *, approves: bool) -> str:
        """The buyer's answer on the bank's page."""
        session = self.session(identifier)
        intent = self.get("payment_intent", session["payment_intent"] or "none")
        if session["status"] != "open" or intent["status"] != "requires_action":
            return session["status"]
        payer = Payer(**intent["_payer"])
        if not approves:
            return self._decline(intent, payer, "authentication_failed")
        return self.pay_by_card(identifier, payer, is_confirmed=True)

    def pay_by_transfer(self, identifier: str, payer: Payer, *, outcome: str) -> str:
        """Promise a bank transfer: the session completes unpaid, the money comes (or not) later."""
        session = self.session(identifier)
        if session["status"] != "open":
            return session["status"]
        intent = self.intent_of(session, "customer_balance")
        intent.update(status="processing", next_action=None, _payer=payer.__dict__)
        self.store.put(intent)
        self.emit("payment_intent.processing", intent)
        self._complete(session, payer, payment_status="unpaid")
        if outcome in ("succeed", "fail"):
            self.schedule(f"transfer.{outcome}", identifier)
        return "processing"

    def finish_transfer(self, identifier: str, *, arrives: bool) -> None:
        """The awaited transfer arrives, or does not."""
        session = self.get("checkout.session", identifier)
        if not session["payment_intent"]:
            raise ApiError("Nobody has promised a transfer for this session.")
        intent = self.get("payment_intent", session["payment_intent"])
        if intent["status"] != "processing":
            return
        payer = Payer(**intent["_payer"])
        if not arrives:
            self._decline(intent, payer, "card_declined")
            self.emit("checkout.session.async_payment_failed", session)
            return
        self._succeed(session, intent, payer)
        session["payment_status"] = "paid"
        self.store.put(session)
        self.emit("checkout.session.async_payment_succeeded", session)

    def _complete(self, session: Object, payer: Payer, *, payment_status: str) -> None:
        session.update(status="complete", payment_status=payment_status, url=None)
        session["customer_details"] = {
            "address": None,
            "business_name": None,
            "email": payer.email or session["customer_email"],
            "individual_name": None,
            "name": payer.name or None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        }
        self.store.put(session)
        self.emit("checkout.session.completed", session)

    def _succeed(self, session: Object, intent: Object, payer: Payer) -> None:
        charge = shapes.charge(
            intent=intent,
            created=self.store.now(),
            status="succeeded",
            card=payer.card,
            name=payer.name,
            email=payer.email,
        )
        fee = charge["amount"] * FEE_PER_MILLE // 1000 // 100 * 100
        movement = self.move(source=charge["id"], kind="charge", amount=charge["amount"], fee=fee)
        charge["balance_transaction"] = movement["id"]
        self.store.put(charge)
        intent.update(
            status="succeeded",
            amount_received=intent["amount"],
            latest_charge=charge["id"],
            payment_method=charge["payment_method"],
            next_action=None,
            last_payment_error=None,
        )
        self.store.put(intent)
        if charge["_card"] == DISPUTED_LATER:
            self.schedule("dispute.open", charge["id"])
        self.emit("charge.succeeded", charge)
        self.emit("payment_intent.succeeded", intent)

    def _decline(self, intent: Object, payer: Payer, code: str) -> str:
        charge = shapes.charge(
            intent=intent,
            created=self.store.now(),
            status="failed",
            card=payer.card,
            name=payer.name,
            email=payer.email,
        )
        charge.update(failure_code=code, failure_message=DECLINES[code])
        intent.update(
            status="requires_payment_method",
            latest_charge=charge["id"],
            next_action=None,
            last_payment_error={
                "type": "card_error",
                "code": "card_declined",
                "decline_code": code,
                "charge": charge["id"],
                "message": DECLINES[code],
            },
        )
        self.store.put(charge)
        self.store.put(intent)
        self.emit("charge.failed", charge)
        self.emit("payment_intent.payment_failed", intent)
        return code

    def move(self, *, source: str, kind: str, amount: int, fee: int = 0) -> Object:
        """Record a movement on the platform's balance."""
        return self.store.put(
            shapes.balance_transaction(source=source, kind=kind, amount=amount, fee=fee, created=self.store.now())
        )

    # --- what happens by itself ----------------------------------------------------------------------------------
    def schedule(self, action: str, identifier: str) -> None:
        """Let something happen after the delay."""
        due = self.store.now() + self.delay_seconds
        self.store.execute("INSERT INTO scheduled (due, action, object) VALUES (?, ?, ?)", due, action, identifier)

    @staticmethod
    def success_address(session: Object) -> str:
        """Where the buyer goes after paying, with the session's id filled in."""
        return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))
