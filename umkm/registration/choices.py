"""What owners choose from: villages, categories, KBLI codes."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from marketplace.accounts.models import Agency
from marketplace.reference.models import Category, Kbli, Region
from marketplace.reference.selectors import leaf_categories

KBLI_SHOWN = 60


def villages_with_agency() -> "QuerySet[Region]":
    """The villages of every region that an agency looks after, with district and regency, by district and name."""
    of_an_agency = Q()
    codes = list(Agency.objects.values_list("region_id", flat=True))
    for code in codes:
        of_an_agency |= Q(code__startswith=f"{code}.")
    villages = Region.objects.filter(of_an_agency, level=Region.Level.VILLAGE) if codes else Region.objects.none()
    return villages.select_related("parent__parent").order_by("parent__parent_id", "parent__name", "name")


Choices = list[tuple[str, list[tuple[str, str]]]]


def district_choices(villages: list[Region]) -> Choices:
    """Districts in groups, one a regency."""
    groups: dict[str, dict[str, str]] = {}
    for village in villages:
        district = village.parent
        if district is not None and district.parent is not None:
            groups.setdefault(district.parent.name, {})[district.code] = district.name
    return [(regency, list(districts.items())) for regency, districts in groups.items()]


def village_choices(villages: list[Region]) -> Choices:
    """Villages in groups, one a district with its regency."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for village in villages:
        district = village.parent
        if district is not None:
            regency = district.parent.name if district.parent else ""
            groups.setdefault(f"{district.name}, {regency}", []).append((village.code, village.name))
    return list(groups.items())


@dataclass
class CategoryGroup:
    """A top category and what can be chosen below it."""

    name: str
    options: list[tuple[Category, bool]]

    @property
    def chosen(self) -> int:
        return sum(is_chosen for _category, is_chosen in self.options)


def category_groups(chosen: set[int]) -> list[CategoryGroup]:
    """Everything that products can be put into, by top category."""
    groups: dict[int, CategoryGroup] = {}
    for category in leaf_categories().order_by("position"):
        top = category
        while top.parent is not None:
            top = top.parent
        group = groups.setdefault(top.pk, CategoryGroup(top.display_name, []))
        group.options.append((category, category.pk in chosen))
    return list(groups.values())


def kbli_options(*, query: str = "", subsector_id: int | None = None) -> "list[Kbli]":
    """Codes to offer: those with all the words of `query`, those of the sub-sector first."""
    codes = Kbli.objects.all()
    for word in query.split()[:6]:
        codes = codes.filter(Q(code__startswith=word) | Q(title__icontains=word))
    if subsector_id is not None and (not query or codes.filter(subsector_id=subsector_id).exists()):
        codes = codes.filter(subsector_id=subsector_id)
    return list(codes.order_by("-version", "code")[:KBLI_SHOWN])
