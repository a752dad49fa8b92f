"""Officers at the same case at the same moment: one takes it, it is decided once, one shop opens."""

import pytest

from marketplace.core.exceptions import DomainError
from tests.concurrency.threads import at_once
from tests.factories import registration
from tests.factories.verification import check_all, held_case, officer
from umkm.registration.models import VendorApplication
from umkm.vendors.models import Vendor
from umkm.verification import decisions, services
from umkm.verification.exceptions import AlreadyTaken
from umkm.verification.models import Decision, Ground

pytestmark = pytest.mark.django_db(transaction=True)
OFFICERS = 8


def test_of_officers_who_take_a_case_at_once_one_has_it():
    application = registration.submitted()
    people = [officer(f"Petugas {number}") for number in range(OFFICERS)]
    results = at_once(
        OFFICERS, lambda number: services.claim_case(application_id=application.pk, officer=people[number])
    )
    assert sum(isinstance(result, VendorApplication) for result in results) == 1
    assert sum(isinstance(result, AlreadyTaken) for result in results) == OFFICERS - 1


def test_officers_who_take_the_next_case_at_once_get_different_ones():
    cases = [registration.submitted() for _case in range(OFFICERS)]
    people = [officer(f"Petugas {number}") for number in range(OFFICERS)]
    results = at_once(OFFICERS, lambda number: services.claim_next_case(officer=people[number]))
    assert sorted(result.pk for result in results) == sorted(case.pk for case in cases)


def test_a_form_that_is_sent_many_times_at_once_opens_one_shop():
    ratna = officer()
    application = held_case(ratna)
    version = application.version
    check_all(application, ratna)
    results = at_once(
        OFFICERS,
        lambda number: decisions.approve_application(
            application_id=application.pk, officer=ratna, expected_version=version
        ),
    )
    assert {result.pk for result in results} == {Decision.objects.get().pk}
    assert Vendor.objects.count() == 1


def test_of_two_decisions_at_once_one_holds():
    ratna = officer()
    application = held_case(ratna)
    version = application.version
    check_all(application, ratna)

    def decide(number):
        if number % 2:
            return decisions.approve_application(application_id=application.pk, officer=ratna, expected_version=version)
        return decisions.reject_application(
            application_id=application.pk,
            officer=ratna,
            expected_version=version,
            ground=Ground.FORGED,
            letter="Palsu.",
        )

    results = at_once(OFFICERS, decide)
    assert all(isinstance(result, Decision | DomainError) for result in results), results
    decision = Decision.objects.get()
    application.refresh_from_db()
    assert application.status == decision.outcome
    assert Vendor.objects.count() == (1 if decision.outcome == "approved" else 0)
