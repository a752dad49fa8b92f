"""Who hears of money that moved at the provider: the people of the shops, and the operators."""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import override

from marketplace.accounts.models import OPERATORS
from marketplace.accounts.selectors import people_in
from marketplace.notifications.services import notify
from marketplace.orders.models import SubOrder
from umkm.vendors.models import VendorMember

Words = dict[str, Any]


def tell_shops(*, parts: Iterable[SubOrder], kind: str, words: Callable[[SubOrder], Words]) -> None:
    """Notify everybody who works in the shops of these parts of one order, each with the way to the own part.

    Arguments:
        words: what the notice says about a part, asked in the reader's language.
    """
    part_of = {part.vendor_id: part for part in parts}
    members = VendorMember.objects.filter(vendor__in=part_of, is_active=True).select_related("user", "vendor")
    for member in members:
        part = part_of[member.vendor_id]
        with override(member.user.language):
            url = reverse("portal:order", args=[member.vendor.slug, part.pk])
            context = words(part) | {"for_operator": False}
        notify(kind=kind, user=member.user, url=url, context=context)


def tell_operators(*, kind: str, words: Callable[[], Words]) -> None:
    """Notify every operator, with the way to the payments that wait for them.

    Arguments:
        words: what the notice says, asked in the reader's language.
    """
    for person in people_in(OPERATORS):
        with override(person.language):
            url = reverse("payments_admin:review")
            context = words() | {"for_operator": True}
        notify(kind=kind, user=person, url=url, context=context)
