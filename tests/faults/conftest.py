from tests.local_stripe import local_stripe
from tests.search_node import cluster
from tests.search_proxy import trouble

__all__ = ["cluster", "local_stripe", "trouble"]
