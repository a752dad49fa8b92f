"""An officer at work in the admin."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.accounts import services as accounts
from marketplace.accounts.models import Officer
from tests.factories import base
from tests.factories.verification import officer
from tests.roles import sign_in

OWN_TABLES = ("registration_", "verification_", "reference_", "audit_", "vendors_", "accounts_agency")


def appointed(name: str, code: str = base.MALANG_CITY) -> Officer:
    """An officer with everything that an appointment brings."""
    accounts.ensure_groups()
    person = officer(name, code)
    accounts.appoint_officer(user=person.user, agency=person.agency)
    return person


@pytest.fixture
def ratna(db: None) -> Officer:
    """An officer of Kota Malang."""
    return appointed("Ratna Dewi")


@pytest.fixture
def ratna_client(ratna: Officer) -> Client:
    return sign_in(Client(), ratna.user, second_factor=True)


@pytest.fixture
def heru_client(db: None) -> Client:
    """An officer of Kabupaten Malang."""
    return sign_in(Client(), appointed("Heru Cahyono", base.MALANG_REGENCY).user, second_factor=True)


@pytest.fixture
def assert_own_queries() -> Callable:
    """Fails unless exactly so many queries touch what officers work with; the admin's own furniture is not counted."""

    @contextmanager
    def assert_count(expected: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        own = [query["sql"] for query in captured if any(table in query["sql"] for table in OWN_TABLES)]
        assert len(own) == expected, "\n".join([f"{len(own)} queries, not {expected}:", *own])

    return assert_count
