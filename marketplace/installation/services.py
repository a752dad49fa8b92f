"""Everything that a site needs before its first visitor, in the order in which one thing needs another."""

from collections.abc import Callable, Iterator

from cms.services import ensure_home
from marketplace.accounts.services import ensure_agencies, ensure_groups
from marketplace.catalogue.moderation_setup import ensure_product_workflow
from marketplace.reference.services import load_reference
from marketplace.shipping.services import load_rates

STEPS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("regions, sub-sectors, categories, papers and KBLI codes", load_reference),
    ("departments", ensure_agencies),
    ("groups of the admin", ensure_groups),
    ("moderation of products", ensure_product_workflow),
    ("shipping rates", load_rates),
    ("home, first pages and navigation", ensure_home),
)


def set_up_site() -> Iterator[str]:
    """Run each step and yield its name. Harmless to repeat after every upgrade."""
    for name, step in STEPS:
        step()
        yield name
