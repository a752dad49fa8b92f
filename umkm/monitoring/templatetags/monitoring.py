"""Template filters of the figures."""

from django import template

from umkm.monitoring import charts

register = template.Library()


@register.filter
def signed(value: int) -> str:
    """A difference with its sign: `+3`, `−2`, `±0`."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + charts.number(abs(value))


@register.filter
def rupiah_short(value: int) -> str:
    """`1250000` → `Rp1,3 jt`."""
    return charts.rupiah_short(value)
