"""People, departments and places: what every test needs. Codes and names are real, so that they fit loaded data."""

import factory
from factory.django import DjangoModelFactory

from marketplace.accounts.models import Agency, Officer, User
from marketplace.reference.models import Category, Region, Subsector

PASSWORD = "wayah-esuk-nang-pasar-9"  # everyone in the tests
EAST_JAVA, MALANG_CITY, MALANG_REGENCY, BATU = "35", "35.73", "35.07", "35.79"
NAMES = {
    EAST_JAVA: "Jawa Timur",
    MALANG_CITY: "Kota Malang",
    MALANG_REGENCY: "Kabupaten Malang",
    BATU: "Kota Batu",
    "35.73.01": "Blimbing",
    "35.73.01.1002": "Polowijen",
    "35.73.02": "Klojen",
    "35.73.02.1001": "Klojen",
    "35.07.24": "Singosari",
    "35.07.24.1001": "Pagentan",
    "35.79.01": "Batu",
    "35.79.01.1001": "Temas",
}
LEVELS = (Region.Level.PROVINCE, Region.Level.REGENCY, Region.Level.DISTRICT, Region.Level.VILLAGE)


def region(code: str) -> Region:
    """The region with this code, and those it lies in; made when not loaded."""
    existing = Region.objects.filter(code=code).first()
    if existing:
        return existing
    parts = code.split(".")
    return Region.objects.create(
        code=code,
        name=NAMES.get(code, f"Wilayah {code}"),
        level=LEVELS[len(parts) - 1],
        parent=region(".".join(parts[:-1])) if len(parts) > 1 else None,
        postal_code="65100" if len(parts) == 4 else "",
    )


def village(code: str = "35.73.01.1002") -> Region:
    """A kelurahan of Kota Malang, or the one with this code."""
    return region(code)


def agency(code: str = MALANG_CITY) -> Agency:
    """The department of this regency or city."""
    existing = Agency.objects.filter(region_id=code).first()
    if existing:
        return existing
    name = region(code).name
    return Agency.objects.create(
        slug=code.replace(".", "-"), name=f"Dinas {name}", short_name=f"Dinas {name}", region_id=code
    )


def subsector() -> Subsector:
    """Culinary, the 8th of the 17 sub-sectors or whatever is loaded under its slug."""
    found, _created = Subsector.objects.get_or_create(
        slug="kuliner", defaults={"number": 8, "name": "Kuliner", "name_en": "Culinary"}
    )
    return found


def category(path: str = "kuliner/keripik-tempe", **fields: object) -> Category:
    """The category with this path, with its parents; made when not loaded."""
    existing = Category.objects.filter(slug=path.rpartition("/")[2]).first()
    if existing:
        return existing
    parent_path, _slash, slug = path.rpartition("/")
    name = slug.replace("-", " ").capitalize()
    return Category.objects.create(
        slug=slug,
        path=path,
        name=name,
        depth=path.count("/") + 1,
        parent=category(parent_path) if parent_path else None,
        subsector=subsector(),
        **fields,
    )


class UserFactory(DjangoModelFactory):
    """A buyer: everyone is one."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"orang{n}@contoh.id")
    name = factory.Sequence(lambda n: f"Sulastri {n}")

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        self.set_password(extracted or PASSWORD)
        if create:
            self.save(update_fields=["password"])


class OfficerFactory(DjangoModelFactory):
    """An officer of Kota Malang's department, or of `agency`."""

    class Meta:
        model = Officer

    user = factory.SubFactory(UserFactory, is_staff=True)
    agency = factory.LazyFunction(agency)
