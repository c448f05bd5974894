"""QR codes (ISO/IEC 18004) of a text: as SVG, PNG, or half blocks for a terminal.

Error correction is M, or better where that costs no space; the quiet zone is 4 modules.
ValueError when the text does not fit one symbol.
"""

import io

import segno

BORDER = 4


def symbol(text: str) -> segno.QRCode:
    """The QR symbol of a text; text that is not ASCII is UTF-8."""
    return segno.make_qr(text, error="m", encoding=None if text.isascii() else "utf-8")


def svg(text: str) -> str:
    """An SVG element that scales to its container and stands alone as a file; black on white."""
    out = io.BytesIO()
    symbol(text).save(out, kind="svg", border=BORDER, xmldecl=False, nl=False, omitsize=True, dark="#000", light="#fff")
    return out.getvalue().decode()


def png(text: str, scale: int = 6) -> bytes:
    """A PNG of `scale` pixels per module, black on white."""
    out = io.BytesIO()
    symbol(text).save(out, kind="png", border=BORDER, scale=scale)
    return out.getvalue()


def terminal(text: str) -> str:
    """Lines of half blocks: blocks are the light modules, as a terminal with a dark background shows them."""
    out = io.StringIO()
    symbol(text).terminal(out, border=BORDER, compact=True)
    return out.getvalue()
