"""Browsers that tell of the same search at the same moment: every one of them counts."""

import pytest

from search.insight import services
from search.insight.models import ClickDay, SearchDay, SearchedWords
from tests.concurrency.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
BROWSERS = 12


def test_searches_and_clicks_of_many_processes_add_up():
    def tell(number: int) -> bool:
        services.count_search(text="kripik tempe", results=4)
        return services.count_clicks(text="kripik tempe", clicks={number % 2 + 1: 1}, followed=1)

    assert at_once(BROWSERS, tell) == [True] * BROWSERS
    day = SearchDay.objects.get()
    assert (day.searches, day.followed) == (BROWSERS, BROWSERS)
    assert dict(ClickDay.objects.values_list("position", "clicks")) == {1: BROWSERS // 2, 2: BROWSERS // 2}
    assert (SearchedWords.objects.get().asked, SearchedWords.objects.get().text) == (BROWSERS, "kripik tempe")
