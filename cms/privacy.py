"""What people wrote into the site's forms as a holding (marketplace.accounts.privacy)."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext_lazy
from wagtail.contrib.forms.models import FormSubmission

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding


def _answers_of(user: User) -> "list[FormSubmission]":
    """Answers that carry one of the addresses that the person has shown to be theirs."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    own = {address.casefold() for address in addresses}
    if not own:
        return []
    mentioned = Q()
    for address in own:
        mentioned |= Q(form_data__icontains=address)
    found = FormSubmission.objects.filter(mentioned).select_related("page").order_by("pk")
    # An answer may speak of somebody; it is theirs when a whole field is their address.
    return [
        answer
        for answer in found
        if any(isinstance(value, str) and value.strip().casefold() in own for value in answer.form_data.values())
    ]


def export(user: User) -> list[dict[str, Any]]:
    """Every answer with its page and time."""
    return [
        {"page": answer.page.title, "sent": answer.submit_time.isoformat(), "answers": answer.form_data}
        for answer in _answers_of(user)
    ]


def erase(user: User) -> None:
    """They go whole: nothing else refers to them."""
    FormSubmission.objects.filter(pk__in=[answer.pk for answer in _answers_of(user)]).delete()


FORM_ANSWERS = Holding(
    key="form_answers",
    label=gettext_lazy("What you wrote to us in forms, such as complaints"),
    export=export,
    erase=erase,
    order=35,
)
