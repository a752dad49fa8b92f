"""What the worker calls: how refunds ended, and terms that run out."""

from typing import Any

from marketplace.aftersales import services


def follow_refund(payload: dict[str, Any]) -> None:
    """A refund succeeded or failed: the request behind it follows."""
    services.follow_refund(refund_id=payload["refund_id"], origin=payload["origin"])


def keep_terms() -> object:
    """Remind shops, bring what they leave lying before the operators, close what buyers leave lying."""
    return services.keep_terms()
