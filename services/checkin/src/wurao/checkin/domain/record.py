"""The on-site record: it follows the visit's form, and its digest is what officers sign (QZ-04, QZ-11, DT-09)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wurao.checkin.domain.canonical import canonical, digest
from wurao.checkin.domain.policy import refusal
from wurao.common.contracts.shared import Question, Refusal
from wurao.common.packs import Bases

Value = bool | int | float | str
SIGNATURES_NEEDED = 2


@dataclass(frozen=True, slots=True)
class FindingNote:
    """A violation as noted: which item, which violation."""

    item_id: str
    violation: str


@dataclass(frozen=True, slots=True)
class Record:
    """What officers noted: answers by question, results by item, findings. Pairs keep what was sent twice."""

    answers: tuple[tuple[str, Value], ...]
    results: tuple[tuple[str, str], ...]
    findings: tuple[FindingNote, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What the visit asks."""

    questions: tuple[Question, ...]
    item_ids: tuple[str, ...]


Rule = Callable[[Record, Form, Bases], Iterator[Refusal]]

_FITS: Mapping[str, Callable[[Value], bool]] = {
    "yes_no": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
}
_EXPECTED = {"yes_no": "是或否", "number": "数字", "text": "文字"}


def only_known_questions(record: Record, form: Form, basis: Bases) -> Iterator[Refusal]:
    """Nothing is asked beyond the form, nothing answered twice (QZ-04)."""
    known = {question.question_id for question in form.questions}
    unknown = _distinct(asked for asked, _ in record.answers if asked not in known)
    if unknown:
        yield refusal(
            "record.unknown_question", basis.inspection_form, f"检查表单以外的问题：{_list(unknown)}", "按检查表单记录"
        )
    if twice := _twice(asked for asked, _ in record.answers):
        yield refusal(
            "record.answered_twice", basis.inspection_form, f"重复回答的问题：{_list(twice)}", "每个问题回答一次"
        )


def mandatory_answered(record: Record, form: Form, basis: Bases) -> Iterator[Refusal]:
    """Every mandatory question is answered (QZ-04)."""
    answered = {asked for asked, _ in record.answers}
    missing = [q.question_id for q in form.questions if q.mandatory and q.question_id not in answered]
    if missing:
        yield refusal("record.unanswered", basis.inspection_form, f"必答问题未回答：{_list(missing)}", "补全必答问题")


def answers_fit(record: Record, form: Form, basis: Bases) -> Iterator[Refusal]:
    """Each answer is of its question's kind (QZ-04)."""
    kinds = {question.question_id: question.kind for question in form.questions}
    for asked, value in record.answers:
        kind = kinds.get(asked)
        if kind and not _FITS[kind](value):
            yield refusal(
                "record.wrong_answer_kind",
                basis.inspection_form,
                f"问题{asked}应以{_EXPECTED[kind]}回答",
                "按检查表单记录",
            )


def each_item_has_a_result(record: Record, form: Form, basis: Bases) -> Iterator[Refusal]:
    """Every item of the visit has one result, no other item has any (QZ-11)."""
    noted = [item for item, _ in record.results]
    if missing := [item for item in form.item_ids if item not in noted]:
        yield refusal(
            "record.no_result", basis.on_site_record, f"检查事项没有结果：{_list(missing)}", "逐项填写检查结果"
        )
    if foreign := _distinct(item for item in noted if item not in form.item_ids):
        yield refusal(
            "record.unknown_item", basis.on_site_record, f"不在本次检查的事项：{_list(foreign)}", "只记录批准的事项"
        )
    if twice := _twice(noted):
        yield refusal(
            "record.result_twice", basis.on_site_record, f"重复填写结果的事项：{_list(twice)}", "每个事项填写一次"
        )


def findings_match_results(record: Record, form: Form, basis: Bases) -> Iterator[Refusal]:
    """A violation has a finding and a finding has a violation (QZ-11)."""
    violated = {item for item, result in record.results if result == "violation"}
    found = {finding.item_id for finding in record.findings}
    if unnamed := sorted(violated - found):
        yield refusal(
            "record.violation_unnamed",
            basis.on_site_record,
            f"结果为违法但未载明违法行为：{_list(unnamed)}",
            "补充违法行为",
        )
    if stray := sorted(found - violated):
        yield refusal(
            "record.finding_without_violation",
            basis.on_site_record,
            f"载明了违法行为但结果不是违法：{_list(stray)}",
            "核对事项结果",
        )


RULES: Sequence[Rule] = (
    only_known_questions,
    mandatory_answered,
    answers_fit,
    each_item_has_a_result,
    findings_match_results,
)


def check(record: Record, form: Form, basis: Bases) -> list[Refusal]:
    """Everything in which a record departs from the form."""
    return [found for rule in RULES for found in rule(record, form, basis)]


def record_digest(entry: Mapping[str, Any], record: Mapping[str, Any], evidence: Iterable[Mapping[str, Any]]) -> str:
    """What a signature covers: the entry, the record and the digests of all evidence, in canonical JSON."""
    pieces = sorted((dict(piece) for piece in evidence), key=lambda piece: str(piece["evidence_id"]))
    return digest(canonical({"entry": dict(entry), "record": dict(record), "evidence": pieces}))


def may_finish(recorded: bool, valid_signatures: int, basis: Bases) -> Iterator[Refusal]:
    """A visit ends with a record (QZ-11) that at least two officers have signed as it stands (DT-09)."""
    if not recorded:
        yield refusal("finish.no_record", basis.on_site_record, "没有现场检查记录，不得结束检查", "填写现场检查记录")
    if valid_signatures < SIGNATURES_NEEDED:
        yield refusal(
            "finish.too_few_signatures",
            basis.signed_ledger,
            f"检查台账须由至少{SIGNATURES_NEEDED}名执法人员签名，现行内容有{valid_signatures}人签名",
            "由到场执法人员对现行记录签名",
        )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _list(names: Sequence[str]) -> str:
    shown = "、".join(names[:10])
    return shown if len(names) <= 10 else f"{shown}等{len(names)}个"
