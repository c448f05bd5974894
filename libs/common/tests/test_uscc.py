"""Unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.uscc import check_character, is_valid_uscc, normalise_uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from("123456789ANY"),
    st.sampled_from(ALPHABET),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    "code",
    [
        "91110108551385082Q",
        "91350100M000100Y43",
        "9144030071526726XG",
        "91330100799655058B",
        "11330800002618015K",
        "918587832P12455XH0",
    ],
)
def test_issued_codes_are_valid(code: str) -> None:
    """Codes in use are accepted, the one whose sum is a multiple of 31 among them."""
    assert is_valid_uscc(code)
    assert check_character(code[:17]) == code[17]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91310115MA1H8R7C6D", "校验位"),
        ("91110108551385082", "18位"),
        ("91110108551385082QQ", "18位"),
        ("", "18位"),
        ("9111010855138508IQ", "格式"),
        ("9A1101O8551385082Q", "格式"),
        ("01110108551385082Q", "格式"),
        ("91110108５51385082é", "校验位"),
    ],
)
def test_other_text_is_refused_with_its_reason(code: str, reason: str) -> None:
    """Wrong length, wrong characters and a wrong check character each have their message."""
    assert not is_valid_uscc(code)
    with pytest.raises(ValueError, match=reason):
        normalise_uscc(code)


@pytest.mark.parametrize(
    "typed",
    ["91110108551385082q", " 9111 0108 5513 85082Q ", "９１１１0108-551385082Q", "91110108551385082Q\n"],
)
def test_what_people_type_becomes_the_stored_form(typed: str) -> None:
    """Case, spaces, hyphens and full-width characters are put right; only the stored form itself is valid."""
    assert normalise_uscc(typed) == "91110108551385082Q"
    assert not is_valid_uscc(typed)


@given(BODIES)
def test_exactly_one_check_character_of_31_is_valid(body: str) -> None:
    """Of all 31 characters one closes a code, and it makes the weighted sum a multiple of 31 (GB 32100)."""
    closing = [character for character in ALPHABET if is_valid_uscc(body + character)]
    assert closing == [check_character(body)]
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body)) + ALPHABET.index(closing[0])
    assert total % 31 == 0


@given(BODIES, st.integers(8, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, place: int, wrong: str) -> None:
    """A single mistyped character of the organisation's part never yields another valid code."""
    code = body + check_character(body)
    mistyped = code[:place] + wrong + code[place + 1 :]
    assert is_valid_uscc(mistyped) == (mistyped == code)
