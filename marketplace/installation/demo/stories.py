"""The pictures of the demo's stories: each its own, out of those that the shops brought."""

from pathlib import Path

from cms.models import StoryPage
from marketplace.accounts.models import User
from marketplace.catalogue.images import keep_photo
from marketplace.installation.demo.catalogue import PICTURES, Prepared

# The story's slug, the picture, and what it shows in each language.
COVERS = {
    "jendela-krepyak": (
        PICTURES / "vendors" / "kopi-jendela-lawas-cover.webp",
        {
            "id": "Ilustrasi: deretan rumah toko tua di Kayutangan dengan jendela krepyak dan lampu jalan",
            "en": "Illustration: a row of old shophouses in Kayutangan with louvred windows and street lamps",
        },
    ),
    "kampung-tempe-sanan": (
        PICTURES / "vendors" / "dapur-tempe-ngalup-cover.webp",
        {
            "id": "Ilustrasi: rumah-rumah kampung Sanan yang rapat di bawah gunung, di tepinya kain bermotif kawung",
            "en": "Illustration: the close houses of Sanan below the mountain, beside a cloth with kawung pattern",
        },
    ),
}


def dress_stories(*, pictures: dict[Path, Prepared], editor: User) -> None:
    """Give each story its cover in both languages. A story that an editor gave one already keeps it."""
    for slug, (path, alt) in COVERS.items():
        stories = list(StoryPage.objects.filter(slug=slug, cover=None).select_related("locale"))
        if not stories:
            continue
        content, width, height = pictures[path]
        image = keep_photo(
            content=content, width=width, height=height, title=stories[0].title, actor=editor, alt=alt["id"]
        )
        for story in stories:
            story.cover = image
            story.cover_alt = alt.get(story.locale.language_code, alt["id"])
            story.save_revision(user=editor).publish(user=editor)
