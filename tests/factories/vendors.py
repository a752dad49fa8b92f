"""Businesses and their people."""

import factory
from factory.django import DjangoModelFactory

from tests.factories import base
from umkm.vendors.models import Vendor, VendorIdentity, VendorMember


class VendorFactory(DjangoModelFactory):
    """An open shop in Kota Malang."""

    class Meta:
        model = Vendor

    name = factory.Sequence(lambda n: f"Dapur Tempe {n}")
    slug = factory.Sequence(lambda n: f"dapur-tempe-{n}")
    village = factory.LazyFunction(base.village)
    agency = factory.LazyAttribute(lambda vendor: base.agency(vendor.village.regency_code))
    subsector = factory.LazyFunction(base.subsector)
    story = "Keripik dari gang Sanan."


class VendorMemberFactory(DjangoModelFactory):
    """The owner of a shop; `role` makes staff of them."""

    class Meta:
        model = VendorMember

    vendor = factory.SubFactory(VendorFactory)
    user = factory.SubFactory(base.UserFactory)
    role = VendorMember.Role.OWNER


class VendorIdentityFactory(DjangoModelFactory):
    """Who stands behind a shop; the NIK is made up."""

    class Meta:
        model = VendorIdentity

    vendor = factory.SubFactory(VendorFactory)
    owner_name = "Sri Wahyuni"
    nik = "3573014501800001"
    phone = "+6281234567890"
