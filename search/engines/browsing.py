"""What browsing without words asks again and again: the facets of a whole scope, kept while the catalogue stands."""

from dataclasses import replace

from marketplace.core import pagecache
from search.analysis import AnalysedQuery
from search.engines.base import Engine, FacetCounts, Request
from search.queries import SearchQuery


def scope_name(query: SearchQuery) -> str:
    """What tells one scope from another."""
    return f"{query.scope}:{query.vendor_id or ''}"


def browsed_facets(answering: Engine, request: Request) -> FacetCounts:
    """The facets of everything in the scope of a request, without words and filters."""
    query = SearchQuery(scope=request.query.scope, vendor_id=request.query.vendor_id, page_size=0)
    whole = replace(request, query=query, analysed=AnalysedQuery(""), vendor_ids=None, with_facets=True)
    name = f"facets:{answering.name}:{scope_name(query)}"
    return pagecache.remember(name, pagecache.CATALOGUE, lambda: answering.search(whole).facets)
