"""What the worker calls: how refunds ended, and terms that run out."""

from datetime import datetime
from typing import Any

from marketplace.aftersales import services


def follow_refund(payload: dict[str, Any]) -> None:
    """A refund succeeded or failed: the request behind it follows."""
    services.follow_refund(refund_id=payload["refund_id"], origin=payload["origin"])


def count_outside_refund(payload: dict[str, Any]) -> None:
    """A refund made at the provider was put down to parts: what is asked of them is settled by it, or less."""
    put_down_at = datetime.fromisoformat(payload["put_down_at"])
    services.count_outside_refund(refund_id=payload["refund_id"], put_down_at=put_down_at)


def keep_terms() -> object:
    """Remind shops, bring what they leave lying before the operators, close what buyers leave lying."""
    return services.keep_terms()
