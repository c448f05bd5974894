"""Inspection forms put together: what several items ask alike is asked once (一表通查)."""

from collections.abc import Iterable

from wurao.common.contracts.shared import Question


def one_form(forms: Iterable[tuple[str, Iterable[Question]]]) -> tuple[Question, ...]:
    """One form for all items, given by id with their questions (QZ-07).

    Questions of one kind with a shared key, or with one id, are asked once, for all their items. Such a question is
    mandatory, and wants evidence, as soon as one of the forms says so; text and standard are those of the first.
    """
    merged: dict[tuple[str, str], Question] = {}
    for item_id, questions in forms:
        for question in questions:
            key = (question.shared_key or f"#{question.question_id}", question.kind)
            known = merged.get(key, question)
            merged[key] = known.model_copy(
                update={
                    "item_ids": _united(known.item_ids if key in merged else (), question.item_ids, (item_id,)),
                    "mandatory": question.mandatory or known.mandatory,
                    "evidence": _united(known.evidence, question.evidence),
                }
            )
    return tuple(merged.values())


def _united(*parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for part in parts for entry in part))
