"""Loading regions, the classification, KBLI codes and boundaries."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from marketplace.core.exceptions import DomainError
from marketplace.reference.models import Category, CategoryRequirement, DocumentKind, Kbli, Region, Subsector
from marketplace.reference.selectors import leaf_categories, requirements_of
from marketplace.reference.services import load_classification, load_regions, store_boundaries, store_kbli

pytestmark = pytest.mark.django_db

SQUARE = {"type": "Polygon", "coordinates": [[[112.6, -7.9], [112.7, -7.9], [112.7, -8.0], [112.6, -7.9]]]}


def boundary_of(code: str, geometry: dict | None = None) -> dict:
    feature = {"type": "Feature", "properties": {"kode": code}, "geometry": geometry or SQUARE}
    return {"type": "FeatureCollection", "features": [feature]}


def test_regions_reach_every_village_of_malang_raya_and_every_district_of_the_country():
    load_regions()

    assert Region.objects.filter(level=Region.Level.PROVINCE).count() == 38
    assert Region.objects.filter(level=Region.Level.REGENCY).count() == 514
    assert Region.objects.filter(level=Region.Level.VILLAGE).count() == 471
    malang_raya = Region.objects.filter(level=Region.Level.DISTRICT, parent_id__in=["35.73", "35.07", "35.79"])
    assert malang_raya.count() == 41
    purwantoro = Region.objects.get(code="35.73.01.1007")
    assert (purwantoro.name, purwantoro.postal_code, purwantoro.parent.name) == ("Purwantoro", "65122", "Blimbing")
    assert (purwantoro.regency_code, purwantoro.district_code) == ("35.73", "35.73.01")
    assert Region.objects.filter(level=Region.Level.VILLAGE, code__startswith="35.79.").count() == 24


def test_loading_twice_changes_nothing_and_mends_what_was_changed():
    load_regions()
    before = Region.objects.count()
    Region.objects.filter(code="35.73").update(name="Kota Apa")

    load_regions()

    assert Region.objects.count() == before
    assert Region.objects.get(code="35.73").name == "Kota Malang"


def test_classification_has_seventeen_subsectors_and_a_tree_with_its_permits():
    load_classification()
    load_classification()

    assert Subsector.objects.count() == 17
    chips = Category.objects.get(slug="keripik-tempe")
    assert chips.path == "kuliner/keripik-kerupuk/keripik-tempe"
    assert [need.document_kind.slug for need in requirements_of([chips])] == ["pirt", "halal"]
    noodles = requirements_of([Category.objects.get(slug="mi-pangsit")])
    assert {need.document_kind.slug: need.group for need in noodles} == {"pirt": "food", "bpom_md": "food", "halal": ""}
    crafts = Category.objects.get(slug="topeng-malangan")
    assert requirements_of([crafts]) == []
    assert CategoryRequirement.objects.get(category__slug="batik-tulis").strength == "optional"
    assert all(category.children.count() == 0 for category in leaf_categories())


@pytest.mark.parametrize("kind", ["ktp", "nib", "npwp", "pirt", "halal", "bpom_md", "merek"])
def test_every_paper_that_the_law_names_is_known(kind: str):
    load_classification()

    assert DocumentKind.objects.get(slug=kind).name_en


def test_names_follow_the_language():
    load_classification()
    category = Category.objects.get(slug="kerajinan-kayu")

    with override("id"):
        assert str(category) == "Kerajinan Kayu"
    with override("en"):
        assert str(category) == "Woodcraft"


def test_an_operator_imports_the_official_kbli_list(tmp_path):
    load_classification()
    file = tmp_path / "kbli.csv"
    file.write_text("code,version,title,subsector\n10794,2025,Industri kerupuk dan keripik,kuliner\n", encoding="utf-8")

    call_command("import_kbli", str(file))

    assert Kbli.objects.get(code="10794", version=2025).subsector.slug == "kuliner"
    assert Kbli.objects.get(code="10794", version=2020).title.startswith("Industri kerupuk, keripik")


@pytest.mark.parametrize(
    "row",
    [
        {"code": "1079", "version": "2020", "title": "Terlalu pendek"},
        {"code": "10794", "version": "2015", "title": "Versi lama"},
        {"code": "10794", "version": "2020", "title": ""},
        {"code": "10794", "version": "2020", "title": "Tanpa subsektor", "subsector": "tidak-ada"},
    ],
)
def test_a_bad_kbli_row_is_named_and_nothing_is_stored(row: dict):
    load_classification()
    before = Kbli.objects.count()

    with pytest.raises(DomainError, match="3"):
        store_kbli(rows=[{"code": "99999", "version": "2020", "title": "Baik"}, row])

    assert Kbli.objects.count() == before


def test_an_operator_imports_boundaries(tmp_path):
    load_regions()
    file = tmp_path / "kecamatan.geojson"
    file.write_text(json.dumps(boundary_of("357301")), encoding="utf-8")

    call_command("import_boundaries", str(file))

    assert Region.objects.get(code="35.73.01").boundary == SQUARE
    assert Region.objects.get(code="35.73.02").boundary is None


@pytest.mark.parametrize(
    ("collection", "code"),
    [
        ({"type": "Feature"}, "boundaries.not_geojson"),
        (boundary_of("35.73.01", {"type": "Point", "coordinates": [1, 2]}), "boundaries.bad_geometry"),
        (boundary_of("99.99"), "boundaries.no_region"),
    ],
)
def test_what_is_no_boundary_is_refused(collection: dict, code: str):
    with pytest.raises(DomainError) as refusal:
        store_boundaries(collection=collection, code_property="kode")

    assert refusal.value.code == code


def test_a_missing_file_is_a_plain_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("import_kbli", str(tmp_path / "nowhere.csv"))
