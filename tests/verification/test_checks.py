"""Which checks a case needs, and which results still hold."""

import json

import pytest
from django.utils.html import escape

from tests.factories.verification import check, check_all, give_back, held_case, keys_of, officer, send_again
from umkm.registration.models import ApplicationRound
from umkm.verification import checks, differences, numbers, selectors, services
from umkm.verification.models import CheckResult


def state(application, key):
    case = selectors.case_file(application)
    return next(item for item in case.states if item.check.key == key)


@pytest.mark.django_db
def test_a_case_without_an_nib_has_no_check_of_it():
    snapshot = {"fields": {}, "documents": {"ktp": {"id": 1}, "pirt": {"id": 2}}}
    assert [item.key for item in checks.checks_of(snapshot)] == ["owner", "place", "business", "document:pirt"]


@pytest.mark.django_db
def test_results_hold_while_what_they_cover_is_unchanged():
    ratna = officer()
    case = held_case(ratna)
    check_all(case, ratna)
    give_back(case, ratna, {"address": "RT berbeda."})
    again = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    assert keys_of(again) == ["owner", "place", "business", "document:nib"]
    assert state(again, "owner").is_kept
    place = state(again, "place")
    assert place.state == "todo"
    assert place.earlier.result == CheckResult.OK
    assert [(change.before, change.after) for change in place.changes] == [
        ("Jl. Sanan 27 RT 8 RW 15", "Jl. Sanan 27 RT 3 RW 15")
    ]
    assert [item.reason for item in place.returned] == ["RT berbeda."]


@pytest.mark.django_db
def test_a_failed_check_opens_again_even_when_nothing_changed():
    ratna = officer()
    case = held_case(ratna)
    check_all(case, ratna)
    check(case, ratna, "owner", CheckResult.PROBLEM, reason="Nama berbeda.")
    give_back(case, ratna, {"owner_name": "Nama berbeda.", "address": "RT berbeda."})
    again = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    assert state(again, "owner").state == "todo"
    assert state(again, "business").is_kept


@pytest.mark.django_db
def test_progress_counts_what_has_an_answer():
    ratna = officer()
    case = held_case(ratna)
    check(case, ratna, "owner")
    check(case, ratna, "place", CheckResult.PROBLEM, reason="Di luar kota.")
    check(case, ratna, "document:nib", CheckResult.UNVERIFIABLE)
    row = selectors.with_progress(selectors.cases_of(ratna)).get()
    assert (selectors.progress_of(row).done, selectors.progress_of(row).total) == (2, 4)
    assert not selectors.case_file(case).is_ready


@pytest.mark.django_db
def test_personal_numbers_keep_their_ends_only():
    ratna = officer()
    case = held_case(ratna)
    last = ApplicationRound.objects.get(application=case)
    nik = json.loads(last.snapshot)["fields"]["nik"]
    assert checks.shown("nik", nik) == "3573••••••••0001"
    assert nik not in checks.shown("phone", case.phone)
    # Even a changed identity card does not tell its number.
    before = {"fields": {}, "documents": {"ktp": {"number": nik, "sha256": "a"}}}
    after = {"fields": {}, "documents": {"ktp": {"number": nik[:-1] + "2", "sha256": "b"}}}
    words = str(checks.changes_between(before, after, ["document:ktp"]))
    assert nik not in words


def test_differences_are_marked_and_escaped():
    html = differences.marked_after("Jl. Sanan 3", "Jl. Sanan <b>8</b>")
    assert "<b>" not in html
    assert f'<ins><span class="addition">{escape("<b>8</b>")}</span></ins>' in html
    assert '<del><span class="deletion">3</span></del>' in differences.marked_before("Jl. Sanan 3", "Jl. Sanan 8")
    assert differences.marked_after("sama", "sama") == "sama"


@pytest.mark.parametrize(
    "kind, number, fits",
    [
        ("nib", "0000000000017", True),
        ("nib", "12345", False),
        ("halal", "ID00000000000001126", True),
        ("halal", "KH00000000000", False),
        ("pirt", "2063573010001-31", True),
        ("pirt", "2063507010001-31", False),
        ("ktp", "3573014501800001", True),
        ("ktp", "3507014501800001", False),
        ("ktp", "12", False),
    ],
)
def test_digits_tell_what_to_look_at(kind, number, fits):
    hints = numbers.hints_for(kind, number, region_code="35.73")
    assert hints
    assert all(hint.fits for hint in hints) == fits


@pytest.mark.django_db
def test_the_history_tells_everything_in_order():
    ratna = officer()
    case = held_case(ratna)
    give_back(case, ratna, {"address": "RT berbeda."}, letter="Tinggal satu.")
    again = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    services.claim_case(application_id=again.pk, officer=ratna)
    entries = selectors.history_of(selectors.case_file(again))
    assert [entry.is_decision for entry in entries].count(True) == 1
    decision = next(entry for entry in entries if entry.is_decision)
    assert "Tinggal satu." in decision.detail
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert len(entries) == 5  # two rounds, two claims, one return
