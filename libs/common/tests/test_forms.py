"""Forms of several items put together (QZ-07)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.contracts.shared import Question
from wurao.common.forms import one_form


def question(number: int, shared: str | None, **changes: object) -> Question:
    """A question of a form."""
    return Question.model_validate(
        {"question_id": f"q{number}", "text": "问", "kind": "yes_no", "mandatory": False, "shared_key": shared}
        | changes
    )


@pytest.mark.clause("QZ-07")
def test_one_form_asks_shared_questions_once() -> None:
    """A question that two forms share is asked once, for both items, and is mandatory if one form says so."""
    form = one_form(
        [
            ("i1", [question(1, "licence"), question(2, None)]),
            ("i2", [question(3, "licence", mandatory=True), question(4, None)]),
            ("i3", [question(2, None)]),
        ]
    )
    assert [(q.question_id, q.item_ids, q.mandatory) for q in form] == [
        ("q1", ("i1", "i2"), True),
        ("q2", ("i1", "i3"), False),
        ("q4", ("i2",), False),
    ]


def test_evidence_is_united_and_kinds_stay_apart() -> None:
    """What any form wants as proof is wanted once; a shared key over two kinds of answer makes two questions."""
    form = one_form(
        [
            ("i1", [question(1, "area", evidence=("photo",))]),
            ("i2", [question(2, "area", evidence=("document", "photo")), question(3, "area", kind="number")]),
        ]
    )
    assert [(q.question_id, q.evidence, q.item_ids) for q in form] == [
        ("q1", ("photo", "document"), ("i1", "i2")),
        ("q3", (), ("i2",)),
    ]


QUESTIONS = st.builds(
    question, st.integers(1, 6), st.sampled_from([None, "a", "b"]), mandatory=st.booleans(), kind=st.just("text")
)
FORMS = st.dictionaries(st.sampled_from(["i1", "i2", "i3"]), st.lists(QUESTIONS, max_size=5), max_size=3)


@given(FORMS)
def test_nothing_is_lost_or_asked_twice(forms: dict[str, list[Question]]) -> None:
    """Every question of every form is in the one form, once, for its item, and as strictly as any form asks it."""
    merged = one_form(forms.items())
    keys = [q.shared_key or q.question_id for q in merged]
    assert len(keys) == len(set(keys))
    by_key = dict(zip(keys, merged, strict=True))
    for item_id, questions in forms.items():
        for q in questions:
            kept = by_key[q.shared_key or q.question_id]
            assert item_id in kept.item_ids
            assert kept.mandatory or not q.mandatory
