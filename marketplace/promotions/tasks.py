"""What happens to a voucher after its order moved, from the outbox. Harmless to repeat and in either order."""

from typing import Any

from marketplace.promotions.services import release_voucher, use_voucher

# Orders stand left of promotions and enqueue these.
USED_TOPIC = "promotions.used"
RELEASE_TOPIC = "promotions.release"


def voucher_used(payload: dict[str, Any]) -> None:
    """The order is paid."""
    use_voucher(reference=payload["reference"])


def voucher_released(payload: dict[str, Any]) -> None:
    """The order ended unpaid."""
    release_voucher(reference=payload["reference"])
