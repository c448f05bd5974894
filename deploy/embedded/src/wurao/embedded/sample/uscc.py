"""Unified social credit codes (GB 32100-2015) made in bulk, each with a valid body code (GB 11714)."""

from random import Random

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE = len(ALPHABET)
_WEIGHTS = tuple(pow(3, i, _BASE) for i in range(17))
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_CHECK = "0123456789X"
_SPACE = _BASE**6
_STEP = 387_420_489
"""A power of 3, so prime to the 31**6 codes: each index gets a code of its own."""


def _body_value(char: str) -> int:
    return int(char, 36)


def check_character(first17: str) -> str:
    """The 18th character: ``alphabet[(31 - sum mod 31) mod 31]``."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % _BASE]


class CodeBook:
    """All codes of one county and seed; `code` is a bijection from index to code."""

    def __init__(self, area: str, offset: Random) -> None:
        self._offset = offset.randrange(_SPACE)
        self._prefixes = {kind: self._prefix(f"9{kind}{area}MA") for kind in "123"}
        self._pairs = [self._pair_table(10 + 2 * place) for place in range(3)]

    @staticmethod
    def _prefix(text: str) -> tuple[str, int, int]:
        total = sum(ALPHABET.index(c) * w for c, w in zip(text, _WEIGHTS, strict=False))
        body = sum(_body_value(c) * w for c, w in zip("MA", _BODY_WEIGHTS, strict=False))
        return text, total, body

    @staticmethod
    def _pair_table(position: int) -> list[tuple[str, int, int]]:
        return [
            (
                a + b,
                ALPHABET.index(a) * _WEIGHTS[position] + ALPHABET.index(b) * _WEIGHTS[position + 1],
                _body_value(a) * _BODY_WEIGHTS[position - 8] + _body_value(b) * _BODY_WEIGHTS[position - 7],
            )
            for a in ALPHABET
            for b in ALPHABET
        ]

    def code(self, index: int, kind: str) -> str:
        """The code of entity `index`; kind 1 enterprise, 2 individual business, 3 cooperative."""
        number = (index * _STEP + self._offset) % _SPACE
        number, low = divmod(number, 961)
        high, middle = divmod(number, 961)
        prefix, total, body = self._prefixes[kind]
        text = prefix
        for table, pair in zip(self._pairs, (high, middle, low), strict=True):
            chars, add, add_body = table[pair]
            text += chars
            total += add
            body += add_body
        check = _BODY_CHECK[-body % 11]
        total += ALPHABET.index(check) * _WEIGHTS[16]
        return f"{text}{check}{ALPHABET[-total % _BASE]}"
