"""`manage.py search_rebuild`: every document anew, while the site goes on searching."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from marketplace.catalogue.models import Product
from search.engines import EngineUnavailable
from search.engines.clusters import is_configured
from search.indexing import RebuildIncomplete, RebuildRunning, rebuild, rebuild_cluster


class Command(BaseCommand):
    help = "Write every product's search document anew, in each index; the site goes on searching meanwhile."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--only-cluster", action="store_true", help="leave the built-in index as it is")

    def handle(self, *args: Any, **options: Any) -> None:
        passes = (not options["only_cluster"]) + is_configured()
        if not passes:
            raise CommandError("There is no cluster: ELASTICSEARCH_URL is not set.")
        total = Product.objects.count() * passes
        try:
            with tqdm(total=total, unit="produk", disable=options["verbosity"] == 0) as bar:
                if options["only_cluster"]:
                    self.stdout.write(f"index {rebuild_cluster(progress=bar.update)} took over")
                    return
                written = rebuild(progress=bar.update)
        except RebuildRunning:
            raise CommandError(
                "Another process makes the index anew just now. Try again when it has finished."
            ) from None
        except (EngineUnavailable, RebuildIncomplete) as error:
            raise CommandError(f"The cluster's index stays as it was: {error}") from None
        self.stdout.write(f"{written} documents written")
