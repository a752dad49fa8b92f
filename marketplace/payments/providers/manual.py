"""Transfer or QRIS straight to each shop: the money never passes through us, the shop says when it has it."""

from marketplace.payments.providers.offline import OfflineProvider


class ManualProvider(OfflineProvider):
    """Like cash, but the shops wait for the money before they pack (marketplace.transfers keeps the proofs)."""

    name = "manual"
    confirms_unpaid = False
