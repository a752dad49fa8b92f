"""What an officer leaves behind: cases that they held go back to the queue of their agency."""

from typing import Any

from marketplace.accounts.models import Officer
from umkm.registration.models import VendorApplication
from umkm.verification.services import release_case


def put_back_cases(payload: dict[str, Any]) -> None:
    """Outbox handler for "accounts.officer_left". What they checked stays; a repeat finds nothing to put back."""
    officer = Officer.objects.select_related("user").get(pk=payload["officer_id"])
    held = VendorApplication.objects.waiting().filter(claimed_by=officer)
    if officer.is_active:
        # Somebody who moved to another agency keeps what they have taken there since.
        held = held.exclude(agency_id=officer.agency_id)
    for application_id in held.values_list("pk", flat=True):
        release_case(application_id=application_id, officer=officer)
