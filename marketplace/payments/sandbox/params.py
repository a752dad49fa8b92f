"""Stripe's form encoding (`line_items[0][price_data][currency]=idr`) as nested dicts and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

from marketplace.payments.sandbox.errors import ApiError, missing

Params = dict[str, Any]
PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def parse(encoded: str) -> Params:
    """Parse a query string or a form body."""
    root: Params = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        parts = PART.findall(name)
        node = root
        for index, part in enumerate(parts):
            key = part or str(len(node))
            if index == len(parts) - 1:
                node[key] = value
            else:
                node = node.setdefault(key, {})
                if not isinstance(node, dict):
                    raise ApiError(f"Invalid parameter: {name}", param=name)
    return {name: _with_lists(value, name) for name, value in root.items()}


def _with_lists(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return value
    if name != "metadata" and value and all(key.isdigit() for key in value):
        return [_with_lists(value[key], name) for key in sorted(value, key=int)]
    return {key: _with_lists(inner, key) for key, inner in value.items()}


def refuse_unknown(params: Params, known: set[str], prefix: str = "") -> None:
    """Raise for a parameter that the API does not have, as Stripe does."""
    for name in params:
        if name not in known:
            full = f"{prefix}[{name}]" if prefix else name
            raise ApiError(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)


def integer(params: Params, name: str, *, default: int | None = None, param: str = "") -> int:
    """A whole number parameter; without a default it must be there."""
    value = params.get(name)
    full = param or name
    if value is None or value == "":
        if default is None:
            raise missing(full)
        return default
    if not re.fullmatch(r"-?\d{1,15}", str(value)):
        raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=full)
    return int(value)


def text(params: Params, name: str, *, param: str = "") -> str:
    """A required text parameter."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise missing(param or name)
    return value


def metadata(params: Params) -> dict[str, str]:
    """The `metadata` parameter within Stripe's limits (50 keys of 40 letters, values of 500)."""
    values = params.get("metadata") or {}
    if not isinstance(values, dict):
        raise ApiError("Invalid object", param="metadata")
    if len(values) > 50 or any(len(key) > 40 or len(str(value)) > 500 for key, value in values.items()):
        raise ApiError("Metadata is limited to 50 keys of 40 characters with values of 500.", param="metadata")
    return {key: str(value) for key, value in values.items()}
