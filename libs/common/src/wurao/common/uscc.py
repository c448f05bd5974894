"""Unified social credit codes (统一社会信用代码), GB 32100-2015.

The check character is python-stdnum's. Its format check is not used: it takes digits only at the front and
so refuses codes that the standard's registers issue, such as N for rural collectives and Y for others.
"""

import re
from operator import mul

from stdnum.cn.uscc import calc_check_digit
from stdnum.util import clean

_ALPHABET = "0-9A-HJ-NPQRTUWXY"
_BODY = re.compile(rf"[1-9ANY][{_ALPHABET}][0-9]{{6}}[{_ALPHABET}]{{9}}")
_STORED = re.compile(rf"{_BODY.pattern}[{_ALPHABET}]")
# Imports check codes by the million: values and weights by table (GB 32100 §4.2), the check character weighs one.
_CHARACTERS = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = bytes.maketrans(_CHARACTERS, bytes(range(31)))
_WEIGHTS = (*(pow(3, place, 31) for place in range(17)), 1)


def check_character(first17: str) -> str:
    """Return the 18th character for the first 17 in upper case; ValueError if they are malformed."""
    if _BODY.fullmatch(first17) is None:
        raise ValueError("统一社会信用代码前17位格式不正确")
    return calc_check_digit(first17)


def normalise_uscc(text: str) -> str:
    """Return the code in its stored form: 18 upper-case characters without spaces, hyphens or full width.

    ValueError with a message for the one who typed it when it is no code.
    """
    if _STORED.fullmatch(text):
        if sum(map(mul, text.encode().translate(_VALUES), _WEIGHTS)) % 31:
            raise ValueError("统一社会信用代码校验位不正确")
        return text
    code = clean(text, " -").strip().upper()
    if len(code) != 18:
        raise ValueError("统一社会信用代码应为18位")
    if code[17] != check_character(code[:17]):
        raise ValueError("统一社会信用代码校验位不正确")
    return code


def is_valid_uscc(text: str) -> bool:
    """Tell whether the text is a code in its stored form."""
    try:
        return normalise_uscc(text) == text
    except ValueError:
        return False
