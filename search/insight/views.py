"""Where the page of results tells what came of it: that it was seen, and which product was opened."""

import re

from django.core.cache import cache
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.core.ratelimit import throttle
from search.insight import services, tokens
from search.queries import PAGE_SIZE

# A number that the browser makes up for one view of one page and forgets with it.
_VIEW = re.compile(r"^[0-9a-f]{16,32}$")
# For so long a repeated message of one view is known to be one.
REPEATS_KNOWN_SECONDS = 3600


# No cookie and no session are read here; the signature says that the message belongs to a page of ours.
@csrf_exempt
@require_POST
@throttle("search-insight", rate="120/m")
def count(request: HttpRequest) -> HttpResponse:
    """Count a search (`event=seen`) or an opened product (`event=click`, `place` on the page, `first=1`)."""
    if refuses_counting(request):
        return HttpResponse(status=204)
    view, event = request.POST.get("view", ""), request.POST.get("event", "")
    place = _place(request.POST.get("place", ""))
    if not _VIEW.match(view) or not (event == "seen" or (event == "click" and place)):
        return HttpResponse(status=400)
    try:
        shown = tokens.read(request.POST.get("token", ""))
    except BadSignature:
        return HttpResponse(status=400)
    except tokens.TooOld:
        return HttpResponse(status=410)
    if cache.add(f"search-insight:{view}:{event}:{shown.page}:{place}", 1, REPEATS_KNOWN_SECONDS):
        _count(shown, event, place, is_first=request.POST.get("first") == "1")
    return HttpResponse(status=204)


def _count(shown: tokens.Shown, event: str, place: int, *, is_first: bool) -> None:
    if event == "seen":
        services.count_search(text=shown.text, results=shown.results, is_loosened=shown.is_loosened)
        return
    position = services.NARROWED if shown.is_narrowed else (shown.page - 1) * PAGE_SIZE + place
    services.count_clicks(text=shown.text, clicks={position: 1}, followed=int(is_first))


def refuses_counting(request: HttpRequest) -> bool:
    """Whether this browser asks not to be followed: Global Privacy Control or Do Not Track."""
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"


def _place(value: str) -> int:
    """The place on the page, from 1; 0 for what is none."""
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0
    return number if number <= PAGE_SIZE else 0
