"""The shops and operators of a soak: they pack, send, cancel, give money back and decide, all at once and at random.

Run by soak.py inside Django: `python -m tools.bench.shopkeepers SECONDS SEED`. Prints what they did as JSON.
"""

import json
import random
import sys
import time
from collections import Counter

import django

django.setup()

from django.db import OperationalError, close_old_connections  # noqa: E402

from marketplace.accounts.models import User  # noqa: E402
from marketplace.aftersales.services import cancel_parts, offer_refund  # noqa: E402
from marketplace.core.exceptions import DomainError  # noqa: E402
from marketplace.orders.models import SubOrder  # noqa: E402
from marketplace.orders.policies import vendor_steps  # noqa: E402
from marketplace.orders.services import advance_suborder  # noqa: E402

Status = SubOrder.Status


def keep_shop(part: SubOrder, dice: random.Random) -> str:
    """One thing that a shop or buyer would do with a part; what it was."""
    owner = User.objects.filter(vendor_memberships__vendor=part.vendor, vendor_memberships__role="owner").first()
    assert owner is not None
    chance = dice.random()
    if chance < 0.12:
        by_shop = dice.random() < 0.5
        cancel_parts(
            order_id=part.order_id,
            suborder_ids=[part.pk],
            actor=owner if by_shop else None,
            note="Habis",
            by_shop=by_shop,
        )
        return "cancelled"
    if chance < 0.24:
        lines = list(part.lines.all())
        scope = dice.choice(["whole", "amount", "lines"])
        offer_refund(
            suborder_id=part.pk,
            actor=owner,
            scope=scope,
            note="Maaf",
            amount=dice.randint(1, max(1, part.gross)) if scope == "amount" else None,
            quantities={lines[0].pk: 1} if scope == "lines" else None,
            with_shipping=dice.random() < 0.3,
        )
        return f"refund of {scope}"
    steps = [step for step in vendor_steps(part) if step not in (Status.CANCELLED, Status.RETURNED)]
    if not steps:
        return "nothing"
    advance_suborder(suborder_id=part.pk, to=steps[0], actor=owner, courier="JNE", tracking_number=f"X{part.pk}")
    return f"to {steps[0]}"


def main(seconds: float, seed: int) -> None:
    dice = random.Random(seed)
    done: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        close_old_connections()
        newest = SubOrder.objects.exclude(status__in=(Status.PENDING, Status.CANCELLED, Status.RETURNED))
        parts = list(newest.select_related("order", "vendor").order_by("-pk")[:60])
        if not parts:
            time.sleep(0.5)
            continue
        part = dice.choice(parts)
        try:
            done[keep_shop(part, dice)] += 1
        except DomainError as refused:
            done[f"refused: {refused.code}"] += 1
        except OperationalError as error:
            done[f"database: {type(error).__name__}"] += 1
        time.sleep(0.02)
    print(json.dumps(done))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
