"""QR codes."""

import re
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from wurao.common import qr

TEXTS = ["https://example.cn/c/1", "码上检查：衢州", "x" * 794, "12345678", "A-Z"]
Pixels = NDArray[np.uint8]


def pixels(png: bytes) -> Pixels:
    """The grey values of a PNG of one bit per pixel, unfiltered or filtered Up (RFC 2083 §6)."""
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    assert set(lines[:, 0]) <= {0, 2}
    plain = np.zeros_like(lines[:, 1:])
    for row, line in enumerate(lines):
        plain[row] = line[1:] + (plain[row - 1] if line[0] == 2 else 0)
    return np.unpackbits(plain, axis=1)[:, :width] * np.uint8(255)


def scanned(image: Pixels) -> zxingcpp.Barcode:
    """What a scanner sees in an image."""
    found = zxingcpp.read_barcode(image)
    assert found is not None
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_a_png_reads_back(text: str) -> None:
    """A scanner reads from the PNG the very text, at error correction M or better."""
    found = scanned(pixels(qr.png(text)))
    assert found.text == text
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert qr.symbol(text).error in {"M", "Q", "H"}


def test_a_png_has_the_scale_and_the_quiet_zone() -> None:
    """A version 1 symbol of 21 modules with 4 around is 29 modules wide, and its border is white."""
    image = pixels(qr.png("12345678", scale=3))
    assert image.shape == (87, 87)
    assert image[:12].all()
    assert image[:, :12].all()
    assert not image[12:15, 12:33].any()


@pytest.mark.parametrize("text", TEXTS)
def test_the_terminal_shows_the_same_symbol(text: str) -> None:
    """Half blocks, read as light modules, scan to the text."""
    halves = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    lines = qr.terminal(text).splitlines()
    rows = [[halves[mark][half] for mark in line] for line in lines for half in (0, 1)]
    image = np.array(rows, np.uint8).repeat(4, axis=0).repeat(4, axis=1) * np.uint8(255)
    assert scanned(image).text == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_svg_shows_the_same_symbol(text: str) -> None:
    """The strokes of the SVG, drawn on its view box, scan to the text."""
    root = ElementTree.fromstring(qr.svg(text))  # noqa: S314 - our own document
    side = int(root.attrib["viewBox"].split()[2])
    image = np.full((side, side), 255, np.uint8)
    x, y = 0.0, 0.0
    for step, one, two in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", root[1].attrib["d"]):
        if step == "h":
            image[int(y), int(x) : int(x) + int(one)] = 0
            x += float(one)
        else:
            x, y = (float(one), float(two)) if step == "M" else (x + float(one), y + float(two))
    large = image.repeat(4, axis=0).repeat(4, axis=1)
    assert scanned(large).text == text


def test_an_svg_stands_alone() -> None:
    """The SVG has its namespace, a white ground and no fixed size."""
    root = ElementTree.fromstring(qr.svg("1"))  # noqa: S314 - our own document
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].attrib["fill"] == "#fff"
    assert "width" not in root.attrib


def test_text_that_fits_no_symbol_is_refused() -> None:
    """More than the largest symbol holds raises ValueError."""
    with pytest.raises(ValueError, match="Data too large"):
        qr.png("x" * 3_000)
