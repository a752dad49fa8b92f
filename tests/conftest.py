"""Fixtures for the whole suite. People and businesses: tests/roles.py; browser: tests/browser.py."""

import os
import shutil

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation

from marketplace.core import pagecache
from search.vocabulary import forget_words
from tests import append_only
from tests.roles import ROLES, Scene

pytest_plugins = ["tests.browser", "tests.prepared_database"]
append_only.install()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what this run left out and how to have it: never silently."""
    left_out = os.environ.get("LEFT_OUT", "")
    if left_out:
        terminalreporter.section("left out of this run")
        terminalreporter.write_line(left_out)


def pytest_unconfigure() -> None:
    """Every process of the run has a folder of its own for media and its SQLite file (settings/test.py)."""
    shutil.rmtree(settings.TEST_MEDIA, ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_cache():
    """Throttles, cached pages and words in use of one test must not reach the next."""
    cache.clear()
    pagecache.forget_everything()
    forget_words()


@pytest.fixture(autouse=True)
def own_language_and_time():
    """A request leaves its language, and a page of the admin the person's time zone, to what its thread does next."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def scene(migrated: None) -> Scene:
    """Two businesses in two regions and a person of every role (tests/roles.py)."""
    return Scene()


def _client_fixture(role: str):
    @pytest.fixture(name=f"{role}_client")
    def client_of_role(scene: Scene):
        return scene.client(role)

    return client_of_role


# visitor_client, buyer_client, vendor_owner_client, vendor_staff_client, other_owner_client, officer_client,
# other_officer_client, editor_client, operator_client: the people of `scene`, signed in.
for _role in ROLES:
    globals()[f"{_role}_client"] = _client_fixture(_role)
