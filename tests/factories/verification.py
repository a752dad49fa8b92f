"""Cases as officers leave them, made through the services that their screens use."""

from typing import Any

from django.utils import timezone

from marketplace.accounts.models import Officer
from tests.factories import base, registration
from umkm.registration.models import FieldReturn, VendorApplication
from umkm.registration.services import save_answers
from umkm.verification import checks, decisions, services
from umkm.verification.models import CheckResult, Decision


def officer(name: str = "Ratna Dewi", code: str = base.MALANG_CITY) -> Officer:
    """An officer of this regency's or city's department."""
    return base.OfficerFactory(user__name=name, agency=base.agency(code))


def held_case(by: Officer, **fields: Any) -> VendorApplication:
    """A submitted application that `by` has taken."""
    application = registration.submitted(**fields)
    return services.claim_case(application_id=application.pk, officer=by)


def check(application: VendorApplication, by: Officer, key: str, result: str = CheckResult.OK, **details: Any) -> Any:
    """Save one check the way the case page does."""
    current = VendorApplication.objects.get(pk=application.pk)
    return services.record_check(
        application_id=current.pk, officer=by, expected_version=current.version, key=key, result=result, **details
    )


def keys_of(application: VendorApplication) -> list[str]:
    """The checks that the application needs."""
    last = application.rounds.order_by("-number")[0]
    return [item.key for item in checks.checks_of(checks.as_submitted(last))]


def check_all(application: VendorApplication, by: Officer) -> None:
    """Find everything in order."""
    for key in keys_of(application):
        check(application, by, key)


def approve(application: VendorApplication, by: Officer) -> Decision:
    """Check everything and approve."""
    check_all(application, by)
    current = VendorApplication.objects.get(pk=application.pk)
    return decisions.approve_application(application_id=current.pk, officer=by, expected_version=current.version)


def give_back(application: VendorApplication, by: Officer, reasons: dict[str, str], **details: Any) -> Decision:
    """Return it to its owner."""
    current = VendorApplication.objects.get(pk=application.pk)
    return decisions.return_application(
        application_id=current.pk, officer=by, expected_version=current.version, reasons=reasons, **details
    )


def send_again(application: VendorApplication, **answers: Any) -> VendorApplication:
    """Let the owner fix what was returned and send it again."""
    current = VendorApplication.objects.get(pk=application.pk)
    if answers:
        save_answers(application_id=current.pk, actor=current.owner, answers=answers)
    FieldReturn.objects.filter(round__application=current).update(resolved_at=timezone.now())
    registration.send(current)
    return VendorApplication.objects.get(pk=current.pk)
