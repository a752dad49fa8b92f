"""The door to the cluster's code, loaded only where there is a cluster: its client takes 40 MB of each process."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from search.engines.elasticsearch.engine import ElasticsearchEngine

# So many product ids make one bucket when an index is compared with the database.
BUCKET = 1000


class WritesFailed(Exception):
    """The cluster refused some products.

    Arguments:
        reasons: by product id.
    """

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__(f"{len(reasons)} products were refused: {dict(list(reasons.items())[:3])}")
        self.reasons = dict(reasons)


def is_configured() -> bool:
    """Whether there is a cluster to keep an index in."""
    return bool(settings.ELASTICSEARCH["urls"])


def cluster() -> "ElasticsearchEngine":
    """The engine of the cluster in the settings."""
    engine: ElasticsearchEngine = import_string("search.engines.elasticsearch.engine.ElasticsearchEngine")()
    return engine
