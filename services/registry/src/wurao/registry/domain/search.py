"""What finds an enterprise: names as people type them, cut into grams that both databases index.

A name's key is its letters and digits in half width and lower case. Its grams are the pairs of neighbouring
characters, and the trios of neighbouring pinyin initials (polyphones by their usual reading); the shorter ends
count as grams too, so that any fragment, from one character on, is the beginning of a gram or a row of grams.
The legal form that most names end with is left out: it finds nobody and would fill the index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from operator import add
from unicodedata import normalize

from pypinyin.pinyin_dict import pinyin_dict

LEGAL_FORM, ITS_INITIALS = "有限公司", "yxgs"


def name_key(name: str) -> str:
    """The name's letters and digits, in half width and lower case."""
    key = normalize("NFKC", name).lower()
    return key if key.isalnum() else "".join(filter(str.isalnum, key))


def initials(key: str) -> str:
    """A key with each Chinese character replaced by its pinyin initial; what has none stays."""
    return key.translate(_initials())


@cache
def _initials() -> dict[int, str]:
    first = {code: normalize("NFD", reading)[0].lower() for code, reading in pinyin_dict.items()}
    return {code: letter for code, letter in first.items() if letter.isascii() and letter.isalpha()}


def search_text(name: str, former: Iterable[str] = (), area: str = "") -> str:
    """The search document of an enterprise: grams of its names and of its area, spaced. About 5 µs a name."""
    grams = list(area_grams(area))
    for key in map(name_key, (name, *former)):
        if key:
            grams += _grams(key)
    return " ".join(grams)


def _grams(key: str) -> list[str]:
    body = key[:-4] if key.endswith(LEGAL_FORM) and len(key) > 4 else key
    letters = body.translate(_initials())
    # The pair across the border is kept: 食品有限 finds 食品有限公司.
    return [
        *map(add, body, body[1:]),
        body[-1] + "有" if body is not key else body[-1],
        *[letters[at : at + 3] for at in range(len(letters))],
    ]


def area_grams(area: str) -> tuple[str, ...]:
    """Grams of the prefecture and of the county that an area lies in."""
    return (f"@{area[:4]}", f"@{area[:6]}") if area else ()


def search_row(enterprise_id: str, name: str, area: str, former: Iterable[str] = ()) -> dict[str, str]:
    """The row of `enterprise_search` for an enterprise; its number comes from the database."""
    return {
        "enterprise_id": enterprise_id,
        "name_key": name_key(name),
        "grams": search_text(name, former, area),
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search text asks for: its key, and the grams that each match has; `beginning` of one if it is shorter.

    Without both the text is a part of the legal form, which no gram finds.
    """

    key: str
    grams: tuple[str, ...] = ()
    beginning: str = ""

    @property
    def by_initials(self) -> bool:
        """Tell whether the text may be pinyin initials; names in Latin letters are their own initials."""
        return self.key.isascii()


def wanted(text: str) -> Wanted:
    """What a search text asks for, pinyin initials where it is Latin letters and digits alone."""
    key = name_key(text)
    if key.isascii():
        letters = key.removesuffix(ITS_INITIALS) or key
        if len(letters) < 3:
            return Wanted(letters, beginning=letters)
        return Wanted(letters, _spread([letters[at : at + 3] for at in range(len(letters) - 2)], 3))
    if key in LEGAL_FORM:
        return Wanted(key)
    body = _without_form(key)
    if len(body) == 1:
        return Wanted(key, beginning=body)
    return Wanted(key, _spread(list(map(add, body, body[1:])), 2))


def _spread(grams: list[str], size: int) -> tuple[str, ...]:
    """Of many grams those that still cover every character: ranking compares the whole text anyway."""
    return tuple(dict.fromkeys((*grams[::size], grams[-1]))) if len(grams) > size else tuple(dict.fromkeys(grams))


def _without_form(key: str) -> str:
    """The key with the legal form that it ends with, whole or begun, cut behind its first character."""
    for form in (LEGAL_FORM, LEGAL_FORM[:3], LEGAL_FORM[:2]):
        if key.endswith(form):
            return key[: -len(form) + 1]
    return key


Rank = tuple[int, int, int]


def rank(sought: Wanted, name: str, former: Iterable[str] = ()) -> Rank | None:
    """How well names match, smaller is better: the name itself, its beginning, within it, a former name; or None."""
    best = _match(sought, name)
    if best is not None:
        return best
    return (3, 0, 0) if any(_match(sought, other) for other in former) else None


def _match(sought: Wanted, name: str) -> Rank | None:
    key = name_key(name)
    forms = (key, initials(key)) if sought.by_initials else (key,)
    for form in forms:
        if form == sought.key:
            return (0, 0, 0)
        if (at := form.find(sought.key)) >= 0:
            return (1 if at == 0 else 2, at, len(key))
    return None
