"""Whole rupiah: showing and splitting them. Amounts are ints everywhere; no float touches money."""

from collections.abc import Sequence
from functools import lru_cache

from babel.numbers import format_currency


@lru_cache(maxsize=16_384)
def format_rupiah(amount: int) -> str:
    """`15000` → `Rp15.000`, the way Indonesian prices are written, in both languages of the site; a true minus sign.

    Kept, since the same prices stand on every page and Babel works its way through the pattern each time.
    """
    text = format_currency(abs(amount), "IDR", "¤#,##0", locale="id_ID", currency_digits=False)
    return f"−{text}" if amount < 0 else text


def split_by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` rupiah in proportion to `weights` so that the parts add up to `total` exactly.

    The rupiah left over by rounding down go to the largest remainders; ties go to the earlier part. All weights zero
    means equal weights. Raises ValueError for an empty or negative list of weights or a negative total.
    """
    if not weights or min(weights) < 0 or total < 0:
        raise ValueError("weights and total must be there and not negative")
    base = list(weights) if sum(weights) else [1] * len(weights)
    whole = sum(base)
    parts = [total * weight // whole for weight in base]
    by_remainder = sorted(range(len(base)), key=lambda index: (-(total * base[index] % whole), index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
