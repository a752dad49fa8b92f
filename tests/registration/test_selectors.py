"""Which papers an application needs, what it lacks, what officers are told, and what buyers see."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories import base, registration
from tests.factories.registration import attach, kind, requirement
from tests.factories.vendors import VendorFactory
from umkm.registration import papers, selectors
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.selectors import PaperNeed, paper_needs

pytestmark = pytest.mark.django_db


def slugs(needs: list[PaperNeed], *, required: bool = True) -> list[str]:
    return ["|".join(k.slug for k in need.kinds) for need in needs if need.is_required is required]


@pytest.fixture
def crisps():
    category = base.category("kuliner/keripik-apel")
    requirement(category, "pirt")
    requirement(category, "halal")
    return category


@pytest.fixture
def noodles():
    category = base.category("kuliner/cwi-mie")
    requirement(category, "pirt", group="food")
    requirement(category, "bpom_md", group="food")
    requirement(category, "halal")
    return category


@pytest.fixture
def bowls():
    return base.category("kriya/mangkuk-kayu")


def application(*categories) -> VendorApplication:
    return registration.VendorApplicationFactory(categories=list(categories))


class TestNeeds:
    def test_craft_needs_identity_card_and_nib_only(self, bowls):
        assert slugs(paper_needs(application(bowls))) == ["ktp", "nib"]

    def test_food_needs_its_permits(self, crisps):
        assert slugs(paper_needs(application(crisps))) == ["ktp", "nib", "pirt", "halal"]

    def test_of_alternatives_one_is_enough(self, noodles):
        mine = application(noodles)
        assert slugs(paper_needs(mine)) == ["ktp", "nib", "pirt|bpom_md", "halal"]
        attach(mine, "bpom_md", number="MD123456789012", expires_on=date(2031, 1, 1))
        need = next(need for need in paper_needs(mine) if len(need.kinds) == 2)
        assert need.kind.slug == "bpom_md"
        assert need.problem == ""

    def test_what_is_needed_anyway_satisfies_an_alternative(self, crisps, noodles):
        assert slugs(paper_needs(application(crisps, noodles))) == ["ktp", "nib", "pirt", "halal"]

    def test_a_paper_that_several_categories_need_is_asked_once(self, crisps):
        more = base.category("kuliner/keripik-nangka")
        requirement(more, "pirt")
        assert slugs(paper_needs(application(crisps, more))).count("pirt") == 1

    def test_the_rest_is_welcome(self, crisps):
        batik = base.category("fesyen/batik")
        requirement(batik, "merek", strength="optional")
        assert slugs(paper_needs(application(crisps, batik)), required=False) == ["merek", "npwp"]

    def test_a_paper_that_is_no_longer_needed_stays_in_sight(self, crisps, bowls):
        mine = application(crisps)
        attach(mine, "halal", number="ID35110000123451126")
        mine.categories.set([bowls])
        assert "halal" in slugs(paper_needs(mine), required=False)

    def test_what_neighbours_need_is_said_not_to_be_needed(self, crisps, noodles):
        mine = application(crisps)
        assert "bpom_md" in [k.slug for k in selectors.kinds_not_needed(mine, paper_needs(mine))]

    def test_the_number_of_queries_does_not_grow(self, crisps, noodles, django_assert_num_queries):
        mine = application(crisps)
        many = application(crisps, noodles, *(base.category(f"kuliner/kue-{n}") for n in range(5)))
        for each in (mine, many):
            with django_assert_num_queries(5):
                paper_needs(each)


class TestProblems:
    def test_a_permit_without_number_or_last_day_is_not_complete(self, crisps):
        mine = application(crisps)
        document = attach(mine, "pirt")
        assert selectors.paper_problem(document, kind("pirt"))
        document.number = "2063573010001-31"
        assert selectors.paper_problem(document, kind("pirt"))
        document.expires_on = timezone.localdate() + timedelta(days=30)
        assert selectors.paper_problem(document, kind("pirt")) == ""

    def test_a_permit_that_ran_out_since_is_noticed(self, crisps):
        mine = application(crisps)
        document = attach(mine, "pirt", number="2063573010001-31", expires_on=timezone.localdate())
        LegalDocument.objects.filter(pk=document.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
        assert "document:pirt" in [gap.field for gap in selectors.gaps_of(mine)]

    def test_the_gaps_stand_in_the_order_of_the_wizard(self, crisps):
        mine = registration.VendorApplicationFactory(nik=None, name="", categories=[crisps])
        assert [gap.field for gap in selectors.gaps_of(mine)] == [
            "nik", "name", "document:ktp", "document:nib", "document:pirt", "document:halal",
        ]  # fmt: skip


class TestHints:
    def fields(self, mine: VendorApplication) -> list[str]:
        return [hint.field for hint in selectors.hints_for_officer(mine)]

    def test_an_ordinary_application_has_none(self):
        assert self.fields(application()) == []

    def test_a_nik_of_another_region_is_a_hint(self):
        mine = registration.VendorApplicationFactory(nik="3201011508950001")
        hint = selectors.hints_for_officer(mine)[0]
        assert hint.field == "nik"
        assert "Bogor" in hint.text

    def test_the_same_nib_in_another_registration_is_a_hint(self):
        first = registration.submitted()
        assert self.fields(registration.VendorApplicationFactory(nib=first.nib)) == ["nib"]

    def test_a_turnover_above_the_class_is_a_hint(self):
        assert self.fields(registration.VendorApplicationFactory(turnover=3_000_000_000)) == ["size_class"]

    def test_wishes_for_assistance_are_told(self):
        mine = application()
        papers.want_assistance(application_id=mine.pk, actor=mine.owner, kind_slug="halal", wants=True)
        assert self.fields(mine) == ["document:halal"]


class TestQueue:
    def test_an_officer_sees_what_their_agency_has_to_decide_oldest_first(self):
        officer = base.OfficerFactory()
        first, second = registration.submitted(), registration.submitted()
        VendorApplication.objects.filter(pk=second.pk).update(submitted_at=first.submitted_at - timedelta(days=2))
        registration.draft()
        registration.returned(reasons={"name": "Salah."})
        registration.submitted(village=base.village("35.79.01.1001"))
        assert list(VendorApplication.objects.scoped_to(officer).waiting().oldest_first()) == [second, first]

    def test_drafts_are_nobodys_business(self):
        officer = base.OfficerFactory()
        mine = registration.draft()
        mine.agency = officer.agency
        mine.save()
        assert not VendorApplication.objects.scoped_to(officer).exists()


class TestBadges:
    def paper(self, vendor, slug: str, officer, **fields) -> LegalDocument:
        values = {
            "content_type": "image/jpeg", "size": 1, "sha256": "0" * 64, "file": "x.jpg",
            "uploaded_by": officer.user, "checked_by": officer, "checked_at": timezone.now(),
        }  # fmt: skip
        return LegalDocument.objects.create(vendor=vendor, kind=kind(slug), **values | fields)

    def test_checked_permits_are_shown_without_the_whole_number(self):
        officer, vendor = base.OfficerFactory(), VendorFactory()
        self.paper(vendor, "nib", officer, number="0000000000017")
        self.paper(vendor, "pirt", officer, number="2063573010001-31", expires_on=date(2099, 1, 1))
        self.paper(vendor, "ktp", officer)
        badges = selectors.public_badges([vendor.pk])[vendor.pk]
        assert [(badge.kind_slug, badge.number_tail, badge.is_valid) for badge in badges] == [
            ("nib", "0017", True), ("pirt", "1-31", True),
        ]  # fmt: skip
        assert badges[1].valid_until == date(2099, 1, 1)
        assert badges[0].checked_on == timezone.localdate()
        assert badges[0].agency == officer.agency.short_name

    def test_expired_ones_say_so_unchecked_and_replaced_ones_are_not_shown(self):
        officer, vendor = base.OfficerFactory(), VendorFactory()
        self.paper(vendor, "pirt", officer, expires_on=date(2020, 1, 1))
        self.paper(vendor, "halal", officer, checked_at=None)
        self.paper(vendor, "nib", officer, is_current=False)
        badges = selectors.public_badges([vendor.pk])[vendor.pk]
        assert [(badge.kind_slug, badge.is_valid) for badge in badges] == [("pirt", False)]

    def test_many_shops_take_one_query(self, django_assert_num_queries):
        officer = base.OfficerFactory()
        vendors = [VendorFactory() for _number in range(3)]
        for vendor in vendors:
            self.paper(vendor, "nib", officer)
        with django_assert_num_queries(1):
            badges = selectors.public_badges([vendor.pk for vendor in vendors] + [0])
        assert [len(each) for each in badges.values()] == [1, 1, 1, 0]
