"""The calls of Stripe's API that the sandbox answers, with their parameters, lists, expansions and idempotency."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.payments.sandbox import outgoing, shapes
from marketplace.payments.sandbox.engine import Engine
from marketplace.payments.sandbox.errors import ApiError, missing
from marketplace.payments.sandbox.params import Params, integer, metadata, parse, refuse_unknown, text
from marketplace.payments.sandbox.store import Object, new_id

KEYS_KEPT_FOR = 24 * 3600
SESSION_PARAMS = {
    "allowed_payment_method_types",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "submit_type",
    "success_url",
}
PAGE_PARAMS = {"limit", "starting_after", "ending_before", "expand", "created"}
SHORTEST_SESSION, LONGEST_SESSION = 30 * 60, 24 * 3600
MOST_LINES = 100


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: Object
    headers: tuple[tuple[str, str], ...] = ()


class Api:
    """Dispatches a call to its handler."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.store = engine.store
        by_id = r"/([A-Za-z0-9_]+)"
        self.routes: list[tuple[str, str, Callable[..., Object]]] = [
            ("POST", r"/v1/checkout/sessions", self.create_session),
            ("GET", r"/v1/checkout/sessions", self.list_sessions),
            ("GET", rf"/v1/checkout/sessions{by_id}", lambda params, key: self.engine.session(key)),
            ("POST", rf"/v1/checkout/sessions{by_id}/expire", lambda params, key: self.engine.expire_session(key)),
            ("GET", rf"/v1/checkout/sessions{by_id}/line_items", self.list_line_items),
            ("POST", r"/v1/refunds", self.create_refund),
            ("POST", r"/v1/transfers", self.create_transfer),
            ("POST", rf"/v1/transfers{by_id}/reversals", self.create_reversal),
            ("POST", r"/v1/accounts", self.create_account),
            ("GET", r"/v1/balance", self.balance),
        ]
        plain = {
            "refunds": ("refund", ("charge", "payment_intent")),
            "disputes": ("dispute", ("charge", "payment_intent")),
            "payment_intents": ("payment_intent", ("customer",)),
            "charges": ("charge", ("payment_intent", "transfer_group")),
            "balance_transactions": ("balance_transaction", ("source", "type")),
            "transfers": ("transfer", ("destination", "transfer_group")),
            "accounts": ("account", ()),
            "events": ("event", ("type",)),
            "webhook_endpoints": ("webhook_endpoint", ()),
        }
        for path, (kind, filters) in plain.items():
            self.routes.append(("GET", rf"/v1/{path}", self._lister(f"/v1/{path}", kind, filters)))
            self.routes.append(("GET", rf"/v1/{path}{by_id}", self._getter(kind)))

    def call(self, *, method: str, path: str, encoded: str, key: str, authorization: str) -> Answer:
        """Answer one call; a key that was used before gets its first answer again."""
        with self.store.transaction():
            try:
                self._check_api_key(authorization)
                params = parse(encoded)
            except ApiError as error:
                return Answer(error.status, error.body())
            if not key or method != "POST":
                return self._execute(method, path, params, "")
            return self._once(method, path, params, key)

    def _once(self, method: str, path: str, params: Params, key: str) -> Answer:
        canonical = json.dumps([method, path, params], sort_keys=True)
        fingerprint = hashlib.sha256(canonical.encode()).hexdigest()
        now = self.store.now()
        self.store.execute("DELETE FROM idempotency WHERE created < ?", now - KEYS_KEPT_FOR)
        for row in self.store.execute("SELECT * FROM idempotency WHERE key = ?", key):
            if row["fingerprint"] != fingerprint:
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                    f"Try using a key other than '{key}' if you meant to execute a different request."
                )
                return Answer(400, ApiError(message, kind="idempotency_error").body())
            return Answer(row["status"], json.loads(row["body"]), (("Idempotent-Replayed", "true"),))
        answer = self._execute(method, path, params, key)
        fault, _options = self.store.take_fault(("error_after_success", "lost_answer"), f"{method} {path}") or ("", {})
        unwell = ApiError("An unknown error occurred. [sandbox fault]", status=500, kind="api_error")
        if fault == "error_after_success":
            # Stripe saves a 500 too: the same key gets the same 500, although the object exists.
            answer = Answer(500, unwell.body())
        # Stripe does not save what was refused before it began to execute.
        if answer.status < 400 or answer.status >= 500:
            self.store.execute(
                "INSERT INTO idempotency (key, fingerprint, status, body, created) VALUES (?, ?, ?, ?, ?)",
                key,
                fingerprint,
                answer.status,
                json.dumps(answer.body),
                now,
            )
        if fault == "lost_answer":
            return Answer(502, unwell.body())
        return answer

    def _execute(self, method: str, path: str, params: Params, key: str) -> Answer:
        request_id = new_id("req", 14)
        self.engine.request_id, self.engine.request_key = request_id, key or None
        headers = (("Request-Id", request_id),)
        try:
            with self.store.transaction():
                for verb, pattern, handler in self.routes:
                    match = re.fullmatch(pattern, path)
                    if match and verb == method:
                        result = handler(params, *match.groups())
                        return Answer(200, self._expand(shapes.public(result), params), headers)
            raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)
        except ApiError as error:
            return Answer(error.status, error.body(), headers)
        finally:
            self.engine.request_id = self.engine.request_key = None

    @staticmethod
    def _check_api_key(authorization: str) -> None:
        scheme, _space, api_key = authorization.partition(" ")
        if scheme != "Bearer" or not api_key:
            raise ApiError("You did not provide an API key.", status=401)
        if not api_key.startswith(("sk_test_", "rk_test_")):
            raise ApiError(f"Invalid API Key provided: {api_key[:8]}…", status=401)

    # --- checkout sessions ---------------------------------------------------------------------------------------
    def create_session(self, params: Params) -> Object:
        """POST /v1/checkout/sessions"""
        refuse_unknown(params, SESSION_PARAMS)
        if text(params, "mode") != "payment":
            raise ApiError("The sandbox knows only mode=payment.", param="mode")
        now = self.store.now()
        expires_at = integer(params, "expires_at", default=now + LONGEST_SESSION)
        if expires_at < now + SHORTEST_SESSION - 5:
            message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
            raise ApiError(message, param="expires_at")
        if expires_at > now + LONGEST_SESSION + 5:
            message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
            raise ApiError(message, param="expires_at")
        intent_data = params.get("payment_intent_data") or {}
        refuse_unknown(intent_data, {"metadata", "transfer_group", "description"}, "payment_intent_data")
        return self.engine.create_session(
            lines=self._lines(params, now),
            intent_data={
                "metadata": metadata(intent_data),
                "transfer_group": intent_data.get("transfer_group"),
            },
            success_url=text(params, "success_url"),
            cancel_url=params.get("cancel_url"),
            client_reference_id=params.get("client_reference_id"),
            customer_email=params.get("customer_email"),
            expires_at=expires_at,
            locale=params.get("locale"),
            metadata=metadata(params),
            submit_type=params.get("submit_type"),
        )

    @staticmethod
    def _lines(params: Params, now: int) -> list[Object]:
        lines = params.get("line_items")
        if not isinstance(lines, list) or not lines:
            raise missing("line_items")
        if len(lines) > MOST_LINES:
            raise ApiError(f"You may only specify up to {MOST_LINES} of these parameters.", param="line_items")
        built = []
        for index, line in enumerate(lines):
            prefix = f"line_items[{index}]"
            refuse_unknown(line, {"price_data", "quantity"}, prefix)
            price = line.get("price_data") or {}
            refuse_unknown(price, {"currency", "product_data", "unit_amount"}, f"{prefix}[price_data]")
            product = price.get("product_data") or {}
            refuse_unknown(product, {"name", "description", "images"}, f"{prefix}[price_data][product_data]")
            if text(price, "currency", param=f"{prefix}[price_data][currency]") != shapes.CURRENCY:
                raise ApiError("The sandbox takes only idr.", param=f"{prefix}[price_data][currency]")
            unit_amount = integer(price, "unit_amount", param=f"{prefix}[price_data][unit_amount]")
            quantity = integer(line, "quantity", default=1)
            if unit_amount < 0 or quantity < 1:
                raise ApiError("Invalid non-negative integer", param=prefix)
            built.append(
                shapes.line_item(
                    name=text(product, "name", param=f"{prefix}[price_data][product_data][name]"),
                    description=product.get("description", ""),
                    unit_amount=unit_amount,
                    quantity=quantity,
                    created=now,
                )
            )
        return built

    def list_sessions(self, params: Params) -> Object:
        """GET /v1/checkout/sessions"""
        refuse_unknown(params, PAGE_PARAMS | {"status", "payment_intent"})
        self.engine.expire_due_sessions()
        rows = self._filtered("checkout.session", params, ("status", "payment_intent"))
        return self._page("/v1/checkout/sessions", rows, params)

    def list_line_items(self, params: Params, identifier: str) -> Object:
        """GET /v1/checkout/sessions/{id}/line_items"""
        session = self.engine.session(identifier)
        return self._page(f"/v1/checkout/sessions/{identifier}/line_items", session["_lines"], params)

    # --- money out -----------------------------------------------------------------------------------------------
    def create_refund(self, params: Params) -> Object:
        """POST /v1/refunds"""
        refuse_unknown(params, {"amount", "charge", "payment_intent", "reason", "metadata", "expand"})
        charge_id = params.get("charge")
        if not charge_id:
            intent_id = text(params, "payment_intent")
            if intent_id.startswith(outgoing.DEMO_PAYMENT) and self.store.get(intent_id) is None:
                outgoing.adopt_demo_payment(self.engine, intent_id)
            intent = self.engine.get("payment_intent", intent_id)
            charge_id = intent["latest_charge"]
            if not charge_id or intent["status"] != "succeeded":
                raise ApiError("This PaymentIntent does not have a successful charge to refund.")
        return outgoing.create_refund(
            self.engine,
            charge_id=charge_id,
            amount=integer(params, "amount") if "amount" in params else None,
            reason=params.get("reason"),
            metadata=metadata(params),
        )

    def create_transfer(self, params: Params) -> Object:
        """POST /v1/transfers"""
        known = {"amount", "currency", "destination", "source_transaction", "transfer_group", "description", "metadata"}
        refuse_unknown(params, known | {"expand"})
        if text(params, "currency") != shapes.CURRENCY:
            raise ApiError("The sandbox takes only idr.", param="currency")
        return outgoing.create_transfer(
            self.engine,
            amount=integer(params, "amount"),
            destination=text(params, "destination"),
            source=params.get("source_transaction"),
            transfer_group=params.get("transfer_group"),
            description=params.get("description"),
            metadata=metadata(params),
        )

    def create_reversal(self, params: Params, transfer_id: str) -> Object:
        """POST /v1/transfers/{id}/reversals"""
        refuse_unknown(params, {"amount", "metadata", "description", "refund_application_fee", "expand"})
        return outgoing.reverse_transfer(
            self.engine,
            transfer_id=transfer_id,
            amount=integer(params, "amount") if "amount" in params else None,
            metadata=metadata(params),
        )

    def create_account(self, params: Params) -> Object:
        """POST /v1/accounts"""
        refuse_unknown(params, {"type", "country", "email", "capabilities", "metadata", "expand"})
        account = shapes.account(
            country=params.get("country", "ID"),
            email=params.get("email"),
            kind=params.get("type", "express"),
            metadata=metadata(params),
            created=self.store.now(),
        )
        return self.store.put(account)

    def balance(self, params: Params) -> Object:
        """GET /v1/balance"""
        amount = {"amount": outgoing.balance(self.engine), "currency": shapes.CURRENCY}
        nothing = {"amount": 0, "currency": shapes.CURRENCY}
        return {"object": "balance", "available": [amount], "livemode": False, "pending": [nothing]}

    # --- lists and expansions ------------------------------------------------------------------------------------
    def _getter(self, kind: str) -> Callable[..., Object]:
        return lambda params, identifier: self.engine.get(kind, identifier)

    def _lister(self, url: str, kind: str, filters: tuple[str, ...]) -> Callable[..., Object]:
        def handler(params: Params) -> Object:
            refuse_unknown(params, PAGE_PARAMS | set(filters) | ({"types"} if kind == "event" else set()))
            rows = self._filtered(kind, params, filters)
            if "types" in params:
                rows = [row for row in rows if row["type"] in params["types"]]
            return self._page(url, rows, params)

        return handler

    def _filtered(self, kind: str, params: Params, filters: tuple[str, ...]) -> list[Object]:
        rows = self.store.newest(kind)
        for name in filters:
            if name in params:
                rows = [row for row in rows if row.get(name) == params[name]]
        created = params.get("created") or {}
        bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
        tests: dict[str, Callable[[int, int], bool]] = {
            "gt": lambda a, b: a > b,
            "gte": lambda a, b: a >= b,
            "lt": lambda a, b: a < b,
            "lte": lambda a, b: a <= b,
        }
        for name in bounds:
            limit = integer(bounds, name)
            rows = [row for row in rows if tests[name](row["created"], limit)]
        return rows

    @staticmethod
    def _page(url: str, rows: list[Object], params: Params) -> Object:
        limit = integer(params, "limit", default=10)
        if not 1 <= limit <= 100:
            raise ApiError("limit must be between 1 and 100", param="limit")
        ids = [row["id"] for row in rows]
        if "starting_after" in params:
            rows = rows[ids.index(params["starting_after"]) + 1 :] if params["starting_after"] in ids else []
        if "ending_before" in params:
            rows = rows[: ids.index(params["ending_before"])] if params["ending_before"] in ids else []
            return shapes.listing(url, rows[-limit:], len(rows) > limit)
        return shapes.listing(url, rows[:limit], len(rows) > limit)

    def _expand(self, result: Object, params: Params) -> Object:
        for path in params.get("expand") or []:
            self._expand_path(result, path.split("."))
        return result

    def _expand_path(self, node: Any, parts: list[str]) -> None:
        if isinstance(node, list):
            for inner in node:
                self._expand_path(inner, parts)
            return
        name, rest = parts[0], parts[1:]
        if name == "line_items" and node.get("object") == "checkout.session":
            lines = self.engine.get("checkout.session", node["id"])["_lines"]
            node["line_items"] = shapes.listing(f"/v1/checkout/sessions/{node['id']}/line_items", shapes.public(lines))
        elif name not in node:
            raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
        elif isinstance(node[name], str):
            found = self.store.get(node[name])
            if found is None:
                raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
            node[name] = shapes.public(found)
        if rest and node[name] is not None:
            self._expand_path(node[name], rest)
