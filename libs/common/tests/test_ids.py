"""Identifiers."""

from uuid import UUID

import pytest

from wurao.common.ids import is_id, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    """A new id is canonical UUIDv7 text of the RFC 9562 variant."""
    text = new_id()
    assert is_id(text)
    assert (UUID(text).version, str(UUID(text))) == (7, text)


def test_ids_are_unique_and_sort_by_creation() -> None:
    """Ten thousand ids made in a row are distinct and already in order."""
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0197f3a0-0000-7000-8000-00000000000",
        "0197F3A0-0000-7000-8000-00000000000A",
        "{0197f3a0-0000-7000-8000-000000000000}",
        "0197f3a00000700080000000000000000",
        "0197f3a0-0000-7000-c000-000000000000",
        "0197f3a0-0000-7000-8000-000000000000\n",
        "9322b60d-6b4a-46a7-a18f-1d575ffbf784",
    ],
)
def test_other_text_is_no_id(text: str) -> None:
    """Other versions, variants, cases and spellings are refused."""
    assert not is_id(text)
