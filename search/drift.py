"""Where an index and the database differ, found without reading either of them whole."""

from django.db.models import Count, ExpressionWrapper, F, IntegerField, Q, Sum

from marketplace.catalogue.listings import SEARCH_TOPIC
from marketplace.catalogue.models import ProductListing
from marketplace.outbox.models import OutboxMessage
from search.engines.clusters import BUCKET, cluster
from search.models import SearchDocument


def in_cluster(alias: str | None = None) -> list[int]:
    """Products that the cluster lacks, shows wrongly, or knows at another version, in order of their ids.

    Sums of versions tell which buckets of ids differ; only those are read. Products for which a message waits are left
    out: they are late, not wrong.
    """
    expected, found = _expected_sums(), cluster().sums(alias)
    different: set[int] = set()
    for bucket in expected.keys() | found.keys():
        if expected.get(bucket) == found.get(bucket):
            continue
        wanted, there = _versions_in(bucket), cluster().versions_in(bucket, alias)
        different |= {pk for pk in wanted.keys() | there.keys() if wanted.get(pk) != there.get(pk)}
    return sorted(different - _awaited(different))


def in_built_in() -> list[int]:
    """The same for the built-in index."""
    shown = ProductListing.objects.visible_listings().order_by()
    late = ~Q(product__search_document__search_version=F("search_version"))
    different = set(shown.filter(Q(product__search_document=None) | late).values_list("pk", flat=True))
    different |= set(SearchDocument.objects.exclude(pk__in=shown.values("pk")).values_list("pk", flat=True))
    return sorted(different - _awaited(different))


def _expected_sums() -> dict[int, tuple[int, int]]:
    """For each bucket of product ids: how many are shown and the sum of their versions."""
    bucket = ExpressionWrapper(F("product_id") / BUCKET, output_field=IntegerField())
    rows = (
        ProductListing.objects.visible_listings()
        .order_by()
        .annotate(bucket=bucket)
        .values("bucket")
        .annotate(products=Count("pk"), versions=Sum("search_version"))
    )
    return {row["bucket"]: (row["products"], int(row["versions"])) for row in rows}


def _versions_in(bucket: int) -> dict[int, int]:
    ids = {"pk__gte": bucket * BUCKET, "pk__lt": (bucket + 1) * BUCKET}
    shown = ProductListing.objects.visible_listings().order_by().filter(**ids)
    return dict(shown.values_list("pk", "search_version"))


def _awaited(product_ids: set[int]) -> set[int]:
    """Those of the products that a message is waiting, or being done, for."""
    State = OutboxMessage.State  # noqa: N806
    waiting = OutboxMessage.objects.filter(topic=SEARCH_TOPIC, state__in=[State.PENDING, State.PROCESSING])
    if len(product_ids) <= 500:
        waiting = waiting.filter(key__in=[str(pk) for pk in product_ids])
    return product_ids & {int(key) for key in waiting.values_list("key", flat=True) if key.isdigit()}
