"""What a buyer tells at the checkout, as plain data for the service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """Who buys, and how to reach them. `phone` in international form."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Address:
    """Where it goes. Everything may be empty when all of it is fetched or digital."""

    region_code: str = ""
    street: str = ""
    postal_code: str = ""
    note: str = ""
