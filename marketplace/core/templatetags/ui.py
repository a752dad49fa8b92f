"""Template tags and filters of the site's own look; built into every template."""

from django import template

from marketplace.core.money import format_rupiah

register = template.Library()


@register.filter
def rupiah(amount: int) -> str:
    """`15000` → `Rp15.000`."""
    return format_rupiah(amount)
