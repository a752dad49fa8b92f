"""The drawn map in templates."""

from typing import Any

from django import template

from marketplace.reference.models import Region
from umkm.registration import sketch

register = template.Library()


@register.simple_tag
def sketch_of(village: Any) -> sketch.Sketch:
    """The map around `village`; around all three regions when none is chosen yet."""
    return sketch.sketch_of(village if isinstance(village, Region) else None)
