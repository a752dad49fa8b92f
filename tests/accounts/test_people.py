"""Operators give roles and take them back, each step written down; nobody else does, and the last operator stays."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts import services
from marketplace.accounts.models import OPERATORS, Officer, User
from marketplace.accounts.selectors import find_person, is_editor, is_operator, officer_of
from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import NotAllowed
from marketplace.outbox.services import process_due
from tests.factories import base
from tests.factories.verification import held_case
from tests.roles import sign_in

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/orang/"


@pytest.fixture
def rina(db) -> User:
    return services.register_person(email="rina@example.com", name="Rina Ayu", password=base.PASSWORD)


def appoint(client: Client, role: str, email: str = "rina@example.com"):
    return client.post(PEOPLE, {"email": email, "role": role})


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_an_operator_appoints_an_officer_by_address(scene, rina, operator_client):
    response = appoint(operator_client, f"petugas:{scene.vendor.agency.pk}", " Rina@Example.com ")
    assert response["Location"] == PEOPLE
    assert officer_of(fresh(rina)).agency == scene.vendor.agency
    assert fresh(rina).has_perm("wagtailadmin.access_admin")
    event = AuditEvent.objects.get(action="accounts.officer_appointed", actor=scene.operator)
    assert event.data == {"agency": scene.vendor.agency.slug}
    assert "Rina Ayu" in operator_client.get(PEOPLE).content.decode()


@pytest.mark.parametrize(("role", "asks"), [("redaksi", is_editor), ("operator", is_operator)])
def test_an_operator_appoints_editors_and_operators_and_ends_their_roles(scene, rina, operator_client, role, asks):
    appoint(operator_client, role)
    assert asks(fresh(rina))
    page = operator_client.get(f"{PEOPLE}{rina.pk}/{role}/akhiri/")
    assert page.status_code == 200
    operator_client.post(f"{PEOPLE}{rina.pk}/{role}/akhiri/")
    assert not asks(fresh(rina))
    assert not fresh(rina).is_staff
    assert AuditEvent.objects.filter(actor=scene.operator, target_id=str(rina.pk)).count() == 2


def test_only_confirmed_accounts_are_appointed(scene, operator_client):
    base.UserFactory(email="belum@example.com")
    for email in ("belum@example.com", "tidak-ada@example.com", "bukan alamat"):
        response = appoint(operator_client, "redaksi", email)
        assert response.status_code == 422
        assert 'role="alert"' in response.content.decode()
    assert find_person("belum@example.com") is None
    assert not AuditEvent.objects.filter(action="accounts.editor_appointed", actor=scene.operator).exists()


def test_an_unknown_role_gives_nothing(scene, rina, operator_client):
    assert appoint(operator_client, "petugas:99999").status_code == 422
    assert not fresh(rina).is_staff


def test_a_dismissed_officer_leaves_the_admin_and_their_cases(scene, operator_client):
    case = held_case(scene.officer.officer)
    client = scene.client("officer")
    assert client.get("/admin/").status_code == 200
    operator_client.post(f"{PEOPLE}{scene.officer.pk}/petugas/akhiri/")
    process_due()
    case.refresh_from_db()
    assert (case.status, case.claimed_by) == ("submitted", None)
    assert not Officer.objects.get(user=scene.officer).is_active
    assert not fresh(scene.officer).is_staff
    assert client.get("/admin/").status_code == 403


def test_an_officer_who_moves_leaves_the_cases_of_the_old_agency(scene, operator_client):
    case = held_case(scene.officer.officer)
    services.appoint_officer(user=scene.officer, agency=scene.other_vendor.agency, actor=scene.operator)
    process_due()
    case.refresh_from_db()
    assert case.claimed_by is None


def test_the_last_operator_cannot_go(scene, operator_client):
    page = operator_client.get(PEOPLE).content.decode()
    address = f"{PEOPLE}{scene.operator.pk}/operator/akhiri/"
    assert address not in page
    operator_client.post(address)
    assert is_operator(fresh(scene.operator))
    assert not AuditEvent.objects.filter(action="accounts.operator_withdrawn").exists()
    with pytest.raises(NotAllowed):
        services.withdraw_operator(user=scene.operator, actor=scene.operator)


def test_an_operator_may_go_when_another_stays(scene, rina, operator_client):
    services.appoint_operator(user=rina)
    address = f"{PEOPLE}{scene.operator.pk}/operator/akhiri/"
    assert "authenticator" not in operator_client.get(address).content.decode()
    response = operator_client.post(address)
    assert response["Location"] == reverse("accounts:home")
    assert not is_operator(fresh(scene.operator))


@pytest.mark.parametrize("role", ["officer", "editor", "buyer", "vendor_owner"])
def test_nobody_else_gives_roles_not_even_past_the_page(scene, rina, role):
    actor = getattr(scene, role)
    for refused in (
        lambda: services.appoint_officer(user=rina, agency=scene.vendor.agency, actor=actor),
        lambda: services.appoint_editor(user=rina, actor=actor),
        lambda: services.appoint_operator(user=rina, actor=actor),
        lambda: services.dismiss_officer(officer=scene.officer.officer, actor=actor),
        lambda: services.withdraw_editor(user=scene.editor, actor=actor),
        lambda: services.withdraw_operator(user=scene.operator, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert not fresh(rina).is_staff
    assert officer_of(scene.officer) is not None


def test_the_page_asks_the_same_number_of_questions_for_any_number_of_people(scene, operator_client):
    def queries() -> int:
        operator_client.get(PEOPLE)
        with CaptureQueriesContext(connection) as captured:
            operator_client.get(PEOPLE)
        return len(captured)

    few = queries()
    for _number in range(8):
        services.appoint_officer(user=base.UserFactory(), agency=scene.vendor.agency)
        services.appoint_editor(user=base.UserFactory())
    assert queries() == few


# --- agencies ----------------------------------------------------------------------------------------------------
def test_an_operator_changes_how_an_agency_is_reached(scene, operator_client):
    agency = scene.vendor.agency
    data = {"name": agency.name, "short_name": agency.short_name, "email": "dinas@example.go.id", "phone": "0341 1"}
    response = operator_client.post(reverse("agencies:edit", args=[agency.pk]), data)
    assert response.status_code == 302
    agency.refresh_from_db()
    assert (agency.email, agency.slug) == ("dinas@example.go.id", "35-73")
    event = AuditEvent.objects.get(action="accounts.agency_updated")
    assert (event.actor, event.data) == (scene.operator, {"fields": ["email", "phone"]})


def test_nobody_makes_or_deletes_agencies_there(scene, operator_client):
    for name, arguments in (("agencies:add", []), ("agencies:delete", [scene.vendor.agency.pk])):
        assert operator_client.post(reverse(name, args=arguments)).status_code in (302, 403, 404)
    assert scene.vendor.agency.__class__.objects.count() == 2


# --- the admin's own screens -------------------------------------------------------------------------------------
def test_operators_have_no_forms_that_would_give_rights_without_a_trace(scene, operator_client):
    for address in ("/admin/users/", f"/admin/users/edit/{scene.buyer.pk}/", "/admin/groups/"):
        assert operator_client.get(address).status_code in (302, 403, 404)
    assert not Group.objects.get(name=OPERATORS).permissions.filter(content_type__model="user").exists()


def test_the_admins_own_forms_fit_our_person(scene):
    boss = base.UserFactory(is_staff=True, is_superuser=True)
    client = sign_in(Client(), boss, second_factor=True)
    page = client.get("/admin/users/new/").content.decode()
    assert 'name="name"' in page
    assert 'name="first_name"' not in page
    assert 'name="password1"' not in page
    client.post("/admin/users/new/", {"email": "baru@example.com", "name": "Orang Baru"})
    person = User.objects.get(email="baru@example.com")
    assert person.name == "Orang Baru"
    assert not person.check_password("")
    edit = f"/admin/users/edit/{person.pk}/"
    assert "Orang Baru" in client.get(edit).content.decode()
    client.post(edit, {"email": "baru@example.com", "name": "Nama Lain", "is_active": "on"})
    assert fresh(person).name == "Nama Lain"


def test_people_of_the_admin_keep_their_own_settings(scene, officer_client):
    assert officer_client.get("/admin/account/").status_code == 200
