"""The search page and what the search box suggests while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.core.pagecache import CATALOGUE, CONTENT, SEARCH, cached_page, mark
from search import pages
from search.places import category_tree
from search.queries import SearchQuery, clean_text, parse
from search.services import suggest


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Products that answer `q`, narrowed by filters; without words, everything there is."""
    query = parse(request.GET)
    context = pages.list_context(request, query)
    result = context["result"]
    pages.mark_words(result)
    context |= {
        "heading": pages.heading_of(query),
        "ways_on": [] if result.total else category_tree().children_of(""),
        "literal_url": request.path + SearchQuery(text=query.text, literal=True).query_string()
        if result.corrected
        else "",
    }
    response = render(request, "search/results.html", context)
    # What says that the cluster is away must not be kept until long after it is back.
    return response if result.is_simplified else mark(response, CATALOGUE, CONTENT, SEARCH)


@require_safe
@cached_page(CATALOGUE, CONTENT, SEARCH)
def suggestions(request: HttpRequest) -> HttpResponse:
    """The options below the search box; nothing while there are fewer than two letters."""
    text = clean_text(request.GET.get("q", ""))
    return render(request, "search/suggestions.html", {"text": text, "found": suggest(text)})
