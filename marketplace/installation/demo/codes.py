"""QRIS codes of shops that do not exist: right in form and checksum, with merchant numbers that nobody has."""

from lokal.qris import qris_crc


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def static_code(*, name: str, city: str, number: int) -> str:
    """A static QRIS code. `number` tells the shops apart; its merchant number ID99… was given to nobody."""
    account = _field("00", "ID.CO.QRIS.WWW") + _field("02", f"ID99{number:011d}") + _field("03", "UMI")
    body = (
        _field("00", "01")
        + _field("01", "11")
        + _field("51", account)
        + _field("52", "5499")
        + _field("53", "360")
        + _field("58", "ID")
        + _field("59", name[:25])
        + _field("60", city[:15])
        + _field("61", "65111")
        + "6304"
    )
    return body + qris_crc(body)
