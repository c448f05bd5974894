"""What finds an enterprise: every fragment of its name is found by its grams, the best match comes first."""

from hypothesis import given
from hypothesis import strategies as st

from wurao.registry.domain.search import LEGAL_FORM, initials, name_key, rank, search_row, search_text, wanted

NAMES = st.builds(
    "{}{}".format,
    st.text("衢州柯城区信源食品面馆鑫有限公司AZ9 （）", min_size=1, max_size=14),
    st.sampled_from(["", LEGAL_FORM, LEGAL_FORM + "柯城分公司"]),
)


def holds(document: str, text: str) -> bool:
    """Whether an index finds the document by what a text asks for."""
    sought, grams = wanted(text), document.split(" ")
    beginning = any(gram.startswith(sought.beginning) for gram in grams) if sought.beginning else True
    return beginning and set(sought.grams) <= set(grams)


@given(NAMES, st.data())
def test_every_fragment_of_a_name_is_held_by_its_document(name: str, data: st.DataObject) -> None:
    """Any piece of a name asks for nothing but grams that the name's document has, and ranks it as a match."""
    key = name_key(name)
    if not key:
        return
    start = data.draw(st.integers(0, len(key) - 1))
    piece = key[start : data.draw(st.integers(start + 1, len(key)))]
    assert rank(wanted(piece), name) is not None
    if piece not in LEGAL_FORM and not piece.isascii():
        assert holds(search_text(name, (), "330802001"), piece), (name, piece)


def test_initials_find_the_part_before_the_legal_form() -> None:
    """Letters of any part of the name, with those of the legal form or without, ask for grams that it has."""
    document = search_text("衢州信源食品有限公司", (), "330802001")
    assert initials("信源食品") == "xysp"
    assert all(holds(document, letters) for letters in ("xysp", "XYSP", "q", "zx", "qzxysp", "xyspyxgs", "sp"))
    assert not any(holds(document, letters) for letters in ("xyzp", "qs", "spx"))


def test_a_document_has_the_former_names_and_the_area() -> None:
    """Former names are found like present ones; county and prefecture are grams no name can have."""
    row = search_row("91330802MA00000001", "金谷（集团）", "330802001", ["信源ＡＢＣ"])
    assert row["name_key"] == "金谷集团"
    grams = row["grams"].split(" ")
    assert {"@3308", "@330802", "金谷", "谷集", "信源", "abc"} <= set(grams)
    assert "" not in grams
    assert search_text("（）") == ""


def test_the_best_match_comes_first() -> None:
    """The name itself, then its beginning, then within it by place and length, then a former name; else no match."""
    sought = wanted("信源")
    ranks = [
        rank(sought, "信源"),
        rank(sought, "信源食品"),
        rank(sought, "信源食品有限公司"),
        rank(sought, "衢州信源"),
        rank(sought, "浙江衢州信源"),
        rank(sought, "金谷", ["旧信源"]),
    ]
    found = [place for place in ranks if place is not None]
    assert (len(found), sorted(found)) == (6, found)
    assert rank(sought, "源信") is None
