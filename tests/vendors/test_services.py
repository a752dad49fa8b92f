"""Opening, suspending and describing shops, and who works in them."""

import pytest
from django.db import connection

from marketplace.accounts.services import appoint_operator
from marketplace.audit.models import AuditEvent
from marketplace.core import pagecache
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.notifications.models import Notification
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from tests.factories import base
from tests.factories.vendors import VendorFactory, VendorMemberFactory
from umkm.vendors import services
from umkm.vendors.models import Vendor, VendorMember, VendorTurnover

pytestmark = pytest.mark.django_db


def open_shop(**fields) -> Vendor:
    village = base.village()
    values = {
        "name": "Dapur Tempe Ngalup", "owner": base.UserFactory(), "agency": base.agency(),
        "village": village, "subsector": base.subsector(),
    }  # fmt: skip
    return services.open_vendor(**values | fields)


@pytest.fixture
def owner() -> VendorMember:
    return VendorMemberFactory()


@pytest.fixture
def shop(owner: VendorMember) -> Vendor:
    return owner.vendor


@pytest.fixture
def officer(shop: Vendor):
    return base.OfficerFactory(agency=shop.agency)


class TestOpening:
    def test_a_shop_has_its_owner_identity_and_turnover(self):
        owner, actor = base.UserFactory(), base.UserFactory()
        vendor = open_shop(
            owner=owner, actor=actor, nik="3573014501800001", phone="+6281234567890", owner_name="Sri Wahyuni",
            turnover=3_000_000_000, turnover_year=2025,
        )  # fmt: skip
        vendor.refresh_from_db()
        assert vendor.is_open
        assert vendor.members.get().user == owner
        assert vendor.members.get().role == VendorMember.Role.OWNER
        assert vendor.identity.nik == "3573014501800001"
        assert VendorTurnover.objects.get(vendor=vendor, year=2025).amount == 3_000_000_000
        assert AuditEvent.objects.get(action="vendors.opened").actor == actor

    def test_the_identity_is_encrypted_at_rest(self):
        open_shop(nik="3573014501800001")
        with connection.cursor() as cursor:
            cursor.execute("SELECT nik FROM vendors_vendoridentity")
            assert "3573014501800001" not in cursor.fetchone()[0]

    def test_taken_addresses_are_numbered(self):
        assert [open_shop().slug for _time in range(3)] == [
            "dapur-tempe-ngalup", "dapur-tempe-ngalup-2", "dapur-tempe-ngalup-3",
        ]  # fmt: skip

    def test_a_name_without_letters_still_gets_an_address(self):
        assert open_shop(name="★★★").slug == "usaha"

    def test_others_hear_of_it_and_cached_pages_are_drawn_anew(self):
        before = pagecache.versions().get(pagecache.CATALOGUE, 0)
        vendor = open_shop()
        assert pagecache.versions()[pagecache.CATALOGUE] == before + 1
        assert OutboxMessage.objects.get(topic=services.STATUS_TOPIC).payload == {"vendor_id": vendor.pk}


class TestSuspending:
    def test_an_officer_of_its_agency_closes_it_with_a_reason_and_opens_it_again(self, shop, owner, officer):
        services.suspend_vendor(vendor_id=shop.pk, actor=officer.user, reason="P-IRT dicabut.")
        shop.refresh_from_db()
        assert (shop.status, shop.status_reason) == ("suspended", "P-IRT dicabut.")
        services.reopen_vendor(vendor_id=shop.pk, actor=officer.user, reason="P-IRT baru sudah ada.")
        shop.refresh_from_db()
        assert (shop.status, shop.status_reason) == ("active", "")
        kinds = list(Notification.objects.filter(user=owner.user).order_by("pk").values_list("kind", flat=True))
        assert kinds == ["vendor_suspended", "vendor_reopened"]
        actions = AuditEvent.objects.filter(target_id=str(shop.pk)).order_by("pk").values_list("action", flat=True)
        assert list(actions) == ["vendors.suspended", "vendors.reopened"]

    def test_twice_is_fine(self, shop, officer):
        for _time in range(2):
            services.suspend_vendor(vendor_id=shop.pk, actor=officer.user, reason="P-IRT dicabut.")
        assert AuditEvent.objects.filter(action="vendors.suspended").count() == 1

    def test_a_reason_is_needed(self, shop, officer):
        with pytest.raises(DomainError) as caught:
            services.suspend_vendor(vendor_id=shop.pk, actor=officer.user, reason="  ")
        assert caught.value.field == "reason"
        shop.refresh_from_db()
        assert shop.is_open

    def test_a_closed_shop_stays_closed(self, shop, officer):
        Vendor.MACHINE.advance(shop, Vendor.Status.CLOSED)
        with pytest.raises(IllegalTransition):
            services.reopen_vendor(vendor_id=shop.pk, actor=officer.user, reason="P-IRT baru sudah ada.")

    def test_an_operator_can_too(self, shop):
        operator = base.UserFactory()
        appoint_operator(user=operator)
        services.suspend_vendor(vendor_id=shop.pk, actor=operator, reason="Diminta polisi.")
        shop.refresh_from_db()
        assert not shop.is_open

    def test_nobody_else_can(self, shop, owner):
        elsewhere = base.OfficerFactory(agency=base.agency(base.BATU))
        own = base.OfficerFactory(agency=shop.agency)
        VendorMemberFactory(vendor=shop, user=own.user, role=VendorMember.Role.STAFF)
        for person in (owner.user, base.UserFactory(), elsewhere.user, own.user):
            with pytest.raises(NotAllowed):
                services.suspend_vendor(vendor_id=shop.pk, actor=person, reason="Iseng.")
        shop.refresh_from_db()
        assert shop.is_open
        assert not AuditEvent.objects.exists()

    def test_the_owner_reads_the_reason_in_the_mail(self, shop, owner, officer, mailoutbox):
        services.suspend_vendor(vendor_id=shop.pk, actor=officer.user, reason="P-IRT <dicabut> & lewat.")
        process_due(topics=["notifications.mail"])
        assert "P-IRT <dicabut> & lewat." in mailoutbox[0].body
        assert shop.name in mailoutbox[0].subject


class TestProfile:
    def test_owner_and_staff_say_what_the_shop_is(self, shop):
        staff = VendorMemberFactory(vendor=shop, role=VendorMember.Role.STAFF)
        before = pagecache.versions().get(pagecache.CATALOGUE, 0)
        services.update_profile(vendor_id=shop.pk, actor=staff.user, changes={"story": "Baru.", "accepts_cod": False})
        shop.refresh_from_db()
        assert (shop.story, shop.accepts_cod) == ("Baru.", False)
        assert AuditEvent.objects.get().data == {"fields": ["accepts_cod", "story"]}
        assert pagecache.versions()[pagecache.CATALOGUE] == before + 1

    def test_nothing_new_writes_nothing(self, shop, owner):
        services.update_profile(vendor_id=shop.pk, actor=owner.user, changes={"story": shop.story})
        assert not AuditEvent.objects.exists()

    def test_strangers_and_those_who_left_cannot(self, shop):
        former = VendorMemberFactory(vendor=shop, is_active=False)
        for person in (former.user, base.UserFactory()):
            with pytest.raises(NotAllowed):
                services.update_profile(vendor_id=shop.pk, actor=person, changes={"story": "Dicuri."})
        shop.refresh_from_db()
        assert shop.story != "Dicuri."


class TestTeam:
    def test_the_owner_ends_somebodys_work(self, shop, owner):
        member = VendorMemberFactory(vendor=shop, role=VendorMember.Role.STAFF)
        for _time in range(2):
            services.remove_member(vendor_id=shop.pk, member_id=member.pk, actor=owner.user)
        member.refresh_from_db()
        assert not member.is_active
        assert AuditEvent.objects.filter(action="vendors.member_removed").count() == 1

    def test_staff_cannot(self, shop, owner):
        staff = VendorMemberFactory(vendor=shop, role=VendorMember.Role.STAFF)
        with pytest.raises(NotAllowed):
            services.remove_member(vendor_id=shop.pk, member_id=owner.pk, actor=staff.user)
        assert shop.members.filter(is_active=True).count() == 2

    def test_the_last_owner_stays(self, shop, owner):
        with pytest.raises(DomainError) as caught:
            services.remove_member(vendor_id=shop.pk, member_id=owner.pk, actor=owner.user)
        assert caught.value.code == "vendor.last_owner"

    def test_another_shops_member_is_not_touched(self, shop, owner):
        other = VendorMemberFactory()
        services.remove_member(vendor_id=shop.pk, member_id=other.pk, actor=owner.user)
        other.refresh_from_db()
        assert other.is_active


def test_a_shop_that_is_gone_is_told():
    with pytest.raises(DomainError) as caught:
        services.suspend_vendor(vendor_id=0, actor=base.UserFactory(), reason="Apa saja.")
    assert caught.value.code == "vendor.gone"


def test_open_shops_and_the_agencys_own():
    here, there = VendorFactory(), VendorFactory(village=base.village("35.79.01.1001"))
    VendorFactory(status=Vendor.Status.SUSPENDED)
    officer = base.OfficerFactory(agency=there.agency)
    assert set(Vendor.objects.open()) == {here, there}
    assert list(Vendor.objects.scoped_to(officer)) == [there]
