"""The browser of the tests is watched: what it complains about fails the test."""

import pytest
from django.conf import settings

from marketplace.reference.models import Region

pytestmark = pytest.mark.browser


def test_a_page_opens_on_a_phone_and_on_a_desk(site, browser_page):
    response = browser_page.goto("/akun/login/")
    assert response.status == 200
    assert browser_page.locator("h1").count() == 1
    width = browser_page.evaluate("document.documentElement.scrollWidth")
    assert width <= browser_page.viewport_size["width"], "the page scrolls sideways"


def test_another_person_has_cookies_of_their_own(site, new_page):
    first, second = new_page(), new_page()
    first.goto("/akun/login/")
    assert first.context.cookies()
    assert not second.context.cookies()
    assert Region.objects.filter(code="35.73").exists(), settings.DATABASES["default"]["ENGINE"]
