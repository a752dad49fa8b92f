"""Statements that are written once: the same rows as the queryset gives, for whatever values, in as many queries."""

import pytest
from django.db.models import QuerySet

from marketplace.core import prepared
from marketplace.reference.models import Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    city = Region.objects.create(code="35.99", name="Kota", level=Region.Level.REGENCY)
    names = {"35.99.01": "Klojen", "35.99.02": "Blimbing"}
    return [Region.objects.create(code=c, name=n, level=Region.Level.DISTRICT, parent=city) for c, n in names.items()]


def _named(name: str) -> QuerySet[Region]:
    return Region.objects.filter(name=name, code__startswith="35.99").select_related("parent").order_by("code")


def test_each_value_gets_its_own_rows_with_what_hangs_on_them(places, django_assert_num_queries):
    with django_assert_num_queries(3):
        for name, code in (("Klojen", "35.99.01"), ("Blimbing", "35.99.02")):
            (found,) = prepared.read("by-name", _named, name)
            assert (found.code, found.parent.name) == (code, "Kota")
        assert prepared.read("by-name", _named, "Sukun'; --") == []


def test_a_value_that_is_only_part_of_a_pattern_is_refused():
    with pytest.raises(ValueError, match="as it is"):
        prepared.read("by-beginning", lambda name: Region.objects.filter(name__startswith=name), "Klo")
