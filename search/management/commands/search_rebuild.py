"""`manage.py search_rebuild`: write every product's search document anew."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from marketplace.catalogue.models import Product
from search.indexing import rebuild


class Command(BaseCommand):
    help = "Write every product's search document anew; the site goes on searching meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=Product.objects.count(), unit="produk", disable=options["verbosity"] == 0) as bar:
            written = rebuild(progress=bar.update)
        self.stdout.write(f"{written} documents written")
