"""Policy packs: reading, errors with their place, inheritance, dates, sections, and the shipped packs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import StrictBool

from wurao.common.packs import (
    Bases,
    Pack,
    PackError,
    Param,
    Section,
    check,
    declared_sections,
    diff,
    examine_pack,
    load_pack,
    load_packs,
    parse_pack,
    parse_packs,
)
from wurao.common.packs.shapes import (
    Benchmark,
    FilingThrough,
    GradeMeasure,
    GradeScheme,
    JointTarget,
    ListEntry,
    Reduction,
    Window,
    YearDay,
)

TODAY = date(2025, 12, 1)
SHIPPED = ("cangxian", "dingtao", "linxia", "national", "quzhou", "yongzhou")


class CapSection(Section, prefix="cap", declare=False):
    on_site_per_year: Param[int] | None = None
    merged_counts_once: Param[StrictBool]
    triggered_reasonable_per_year: Param[int | None]
    random_exempt_grades: Param[tuple[str, ...]]
    non_random_reduction: Param[Reduction] | None = None


class TargetSection(Section, prefix="target", declare=False):
    joint_inspection: Param[JointTarget] | None = None


class GroundsSection(Section, prefix="grounds", declare=False):
    off_plan: Param[tuple[str, ...]]
    off_draw: Param[tuple[str, ...]]
    entry_without_scan: Param[tuple[str, ...]]
    triggered: Param[tuple[str, ...]]
    exempt_grade: Param[tuple[str, ...]]
    labels: Param[dict[str, str]]


class PlanSection(Section, prefix="plan", declare=False):
    filing_office: Param[str]
    filing_through: Param[FilingThrough] | None = None
    filing_window: Param[Window]
    annual_window: Param[Window]
    mandatory_fields: Param[tuple[Literal["basis", "content", "targets", "frequency", "method", "time"], ...]]
    approver: Param[Literal["head", "conference"]]
    must_be_published: Param[bool]
    joint_copy_to: Param[str] | None = None


class FilingSection(Section, prefix="filing", declare=False):
    after_the_fact: Param[bool]
    makeup_working_days: Param[int] | None = None
    same_moment_minutes: Param[int] | None = None


class EntrySection(Section, prefix="entry", declare=False):
    min_officers: Param[int]
    certificate_shown: Param[bool]
    scan_required: Param[bool]
    code_shown: Param[bool]
    who_scans: Param[Literal["officer_scans_enterprise_code", "enterprise_scans_action_code", "both"]]


class CallbackSection(Section, prefix="callback", declare=False):
    required: Param[bool]
    days: Param[int] | None = None
    unit: Param[Literal["calendar", "working"]]


class GradeSection(Section, prefix="grade", declare=False):
    scheme: Param[GradeScheme]
    measures: Param[dict[str, GradeMeasure]]
    approved_by: Param[Literal["head", "conference"]]
    approved_month: Param[int] | None = None


class MergeSection(Section, prefix="merge", declare=False):
    max_agencies: Param[int]
    max_minutes: Param[int]
    max_officers: Param[int]
    window_days: Param[int]
    one_form: Param[bool]
    delegated_checks: Param[bool]
    consent_working_days: Param[int] | None = None
    same_agency: Param[bool]
    random_with_non_random: Param[bool]


class VisitRules(Section, prefix="recognition", declare=False):
    required: Param[bool]
    days: Param[int] | None = None


class OffSiteSection(Section, prefix="off_site", declare=False):
    first: Param[bool]
    reminder_first: Param[bool]


class AreaSection(Section, prefix="area", declare=False):
    out_of_area_approval: Param[bool]
    county_first: Param[bool]


class LevelSection(Section, prefix="level", declare=False):
    one_visit_per_levels: Param[bool]
    acceptance_visits: Param[int] | None = None


class CampaignSection(Section, prefix="campaign", declare=False):
    max_per_year: Param[int] | None = None
    steps: Param[tuple[Literal["legal_review", "collective_discussion", "government_approval", "publication"], ...]]


class ConferenceSection(Section, prefix="conference", declare=False):
    required: Param[bool]
    host_line: Param[str] | None = None


class OfficerSection(Section, prefix="officer", declare=False):
    min_share_legal_reviewers_permille: Param[int] | None = None
    first_review_needs_qualification: Param[bool]


class SanctionSection(Section, prefix="sanction", declare=False):
    officer_suspension_days: Param[int] | None = None
    leader_suspended_first: Param[bool]
    double_investigation: Param[bool]
    published: Param[bool]


class PenaltySection(Section, prefix="penalty", declare=False):
    list_kinds: Param[dict[str, str]]
    list_precedence: Param[tuple[str, ...]]
    lists: Param[tuple[ListEntry, ...]]
    circumstance_labels: Param[dict[str, str]]
    benchmarks: Param[tuple[Benchmark, ...]]
    summary_limit_citizen_fen: Param[int]
    summary_limit_organisation_fen: Param[int]
    payment_days: Param[int]
    late_surcharge_permille_per_day: Param[int]
    late_surcharge_cap: Param[Literal["principal"]]
    decision_days: Param[int]
    delivery_days: Param[int]
    statement_days: Param[int] | None = None
    hearing_request_days: Param[int]
    hearing_notice_days: Param[int]
    hearing_kinds: Param[tuple[str, ...]]
    large_fine_fen: Param[int]
    heavy_kinds: Param[tuple[str, ...]]
    legal_review: Param[Literal["listed", "ordinary_all"]]
    legal_review_situations: Param[tuple[str, ...]]
    limitation_years: Param[int]
    limitation_years_grave: Param[int]
    education_required: Param[bool]
    impact_assessment_fen: Param[int] | None = None


class ComplaintSection(Section, prefix="complaint", declare=False):
    accept_working_days: Param[int]
    close_working_days: Param[int]
    report_to: Param[str] | None = None
    categories: Param[tuple[str, ...]]
    labels: Param[dict[str, str]]


class CorrectionSection(Section, prefix="correction", declare=False):
    days: Param[int]
    unit: Param[Literal["calendar", "working"]]


class LeadSection(Section, prefix="lead", declare=False):
    unfiled_entry: Param[bool]
    recipients: Param[tuple[str, ...]]


class OtherDates(Section, prefix="statistics", declare=False):
    due: Param[YearDay] | None = None


class EvaluationSection(Section, prefix="evaluation", declare=False):
    by_scan: Param[bool]


class PeriodSection(Section, prefix="period", declare=False):
    working_day_terms: Param[tuple[int, ...]]


SECTIONS: tuple[type[Section], ...] = (
    Bases,
    CapSection,
    TargetSection,
    GroundsSection,
    PlanSection,
    FilingSection,
    EntrySection,
    CallbackSection,
    GradeSection,
    MergeSection,
    VisitRules,
    OffSiteSection,
    AreaSection,
    LevelSection,
    CampaignSection,
    ConferenceSection,
    OfficerSection,
    SanctionSection,
    PenaltySection,
    ComplaintSection,
    CorrectionSection,
    LeadSection,
    OtherDates,
    EvaluationSection,
    PeriodSection,
)

SIXTH = """\
pack: sixth
title: 第六县
area: "110101"
inherits: national
source: {id: SX, number: 第六号, from: 2025-03-01}
parameters:
  cap.on_site_per_year:
    unit: visits/year
    values:
      - {value: 3, from: 2025-03-01, to: 2026-01-01, clause: SX-01, cite: 第六号 第1条}
      - {value: 1, from: 2026-01-01, clause: SX-01, cite: 第六号 第1条}
    label: 同一主体对同一企业每年现场检查次数上限
"""


def sixth(old: str = "", new: str = "", parents: Mapping[str, Pack] | None = None) -> Pack:
    """The sixth pack, with one piece of its text replaced."""
    assert old in SIXTH
    return parse_pack(
        SIXTH.replace(old, new, 1) if old else SIXTH,
        file="sixth.yaml",
        parents=load_packs() if parents is None else parents,
    )


def test_a_sixth_jurisdiction_is_one_yaml_text() -> None:
    """A new pack inherits the national law and overrides one value without any code."""
    pack = sixth()
    assert pack.lineage == ("sixth", "national")
    assert pack.param("cap.on_site_per_year", TODAY) == Param[Any](
        value=3, clause="SX-01", cite="第六号 第1条", unit="visits/year", since=date(2025, 3, 1)
    )
    assert pack.param("entry.min_officers", TODAY).clause == "PL-42"
    assert check({"sixth": pack}, SECTIONS, TODAY).sound


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2025, 2, 28), None),
        (date(2025, 3, 1), 3),
        (date(2025, 12, 31), 3),
        (date(2026, 1, 1), 1),
    ],
)
def test_the_day_decides_which_value_is_in_force(on: date, value: int | None) -> None:
    """`from` is the first day in force and `to` the first day out of it; before both the parent's value stands."""
    assert sixth().param("cap.on_site_per_year", on).value == value


def test_a_value_is_not_in_force_before_its_first_day() -> None:
    """Asked before any value began, the pack raises and names the parameter and where it is written."""
    with pytest.raises(PackError, match=r"^quzhou\.yaml:\d+: cap\.on_site_per_year: 2019-12-31 尚无有效规定$"):
        load_pack("quzhou").param("cap.on_site_per_year", date(2019, 12, 31))


def test_a_parent_value_resumes_when_the_override_ends() -> None:
    """After an override's last day the inherited value is in force again."""
    pack = sixth("      - {value: 1, from: 2026-01-01, clause: SX-01, cite: 第六号 第1条}\n", "")
    assert pack.param("cap.on_site_per_year", date(2026, 1, 1)).clause == "BE-54"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("from: 2026-01-01", "from: 2025-12-31", 11, "与第 10 行的值在同一天都有效"),
        (", to: 2026-01-01", "", 11, "与第 10 行的值在同一天都有效"),
        (", to: 2026-01-01", ", to: 2025-03-01", 10, "失效日不晚于生效日"),
        (", clause: SX-01", "", 10, "缺少 clause"),
        (", cite: 第六号 第1条", "", 10, "缺少 cite"),
        ("clause: SX-01", "clause: first", 10, "'first' 不是此处应有的文字"),
        ("cite: 第六号 第1条", 'cite: " "', 10, "不是此处应有的文字"),
        ("    unit: visits/year\n", "", 8, "缺少 unit"),
        ("visits/year", "visits/month", 8, "上级规定的单位是 visits/year"),
        ("value: 3,", "value: 3, why: x,", 10, "不认识的项 why"),
        ("    unit", "    units: x\n    unit", 8, "不认识的项 units"),
        ("title:", "titel:", 2, "不认识的项 titel"),
        ("from: 2025-03-01, to", "from: soon, to", 10, "'soon' 不是日期"),
        ("from: 2025-03-01, to", "from: 2025-02-30, to", 10, "无法识别"),
        ("from: 2025-03-01, to", "from: 2025-03-01 10:00:00, to", 10, "不是日期"),
        ("value: 3", "value: 0.5", 10, "请用小单位的整数"),
        ("value: 3", "value: 2025-01-01", 10, "加引号"),
        ("value: 3", "value: {a: 1, a: 2}", 10, "a 重复"),
        ("value: 3", "value: 3, value: 4", 10, "value 重复"),
        ("value: 3,", "value: 3, origin: rumour,", 10, "'rumour' 不是此处应有的文字"),
        ("inherits: national", "inherits: nowhere", 4, "没有名为 nowhere 的政策包"),
        ("inherits: national", "inherits: sixth", 4, "不能继承自身"),
        ('"110101"', "110101", 3, "请加引号"),
        ("cap.on_site_per_year", "cap", 8, "参数名应写作"),
        ("pack: sixth", "pack: [sixth", 2, "YAML 格式有误"),
        ("value: 3", "value: &a 3, x: *a", 10, "不允许使用 YAML 别名"),
        ("value: 3", f"value: {'[' * 30}{']' * 30}", 10, "嵌套过深"),
        ("from: 2025-03-01, to", "from: 2025-02-28, to", 10, "早于文件施行之日 2025-03-01"),
        ("clause: SX-01", "clause: QZ-16", 10, "条款 QZ-16 既不是本文件（SX）的"),
        ("value: 3", "value: true", 10, "应为整数"),
        ("value: 3", "value: -1", 10, "不得小于 0"),
    ],
)
def test_an_error_names_file_line_and_fault(old: str, new: str, line: int, words: str) -> None:
    """Whatever is wrong with a pack's text is refused with the file, the line and the reason."""
    with pytest.raises(PackError) as caught:
        sixth(old, new)
    assert (caught.value.file, caught.value.line) == ("sixth.yaml", line)
    assert words in caught.value.message
    assert str(caught.value).startswith(f"sixth.yaml:{line}: ")


@pytest.mark.parametrize(
    ("parameter", "line", "words"),
    [
        ("sun.hours: {unit: hours, values: [%s 1}]}", 13, "新参数缺少中文名称 label"),
        ("sun.hours: {unit: suns, label: 日照, values: [%s 1}]}", 13, "没有单位 suns；可用：agencies、"),
        ("sun.hours: {unit: hours, label: ' ', values: [%s 1}]}", 13, "不是此处应有的文字"),
        ("sun.hours: {unit: hours, label: 日照, values: []}", 13, "没有值"),
        ("sun.hours: {unit: hours, label: 日照, values: [%s x}]}", 13, "应为整数"),
        ("entry.min_officers: {unit: officers, values: [%s null}]}", 13, "上级规定有值，此处不能为空"),
        ("grounds.off_plan: {unit: grounds, values: [%s [complaint, weather]}]}", 13, "代码没有中文名称：weather"),
        ("grounds.off_plan: {unit: grounds, values: [%s complaint}]}", 13, "应为列表"),
        ("plan.filing_office: {unit: line, values: [%s astrology}]}", 13, "代码没有中文名称：astrology"),
        ("statistics.due: {unit: day of year, values: [%s {month: 13, day: 1}}]}", 13, "month：不得大于 12"),
        ("statistics.due: {unit: day of year, values: [%s {month: 1}}]}", 13, "day：缺少"),
        ("callback.unit: {unit: day kind, values: [%s lunar}]}", 13, "应为 'calendar' or 'working' 之一"),
        ("grade.scheme: {unit: scheme, values: [%s {name: x}}]}", 13, "levels：缺少"),
    ],
)
def test_a_faulty_parameter_is_told_with_its_line(parameter: str, line: int, words: str) -> None:
    """Unlabelled, of an unknown unit, mistyped, emptied or unnamed: each parameter is refused at its own line."""
    text = SIXTH + "  " + parameter.replace("%s", "{from: 2025-03-01, clause: SX-02, cite: 第2条, value:")
    pack, faults = examine_pack(text, file="sixth.yaml", parents=load_packs())
    assert pack is None
    assert [(fault.file, fault.line) for fault in faults] == [("sixth.yaml", line)]
    assert words in faults[0].message


def test_every_fault_of_a_text_is_told_at_once() -> None:
    """Two wrong parameters give two faults in the order of their lines; a sound text gives the pack and none."""
    wrong = "{unit: yes/no, values: [{value: x, from: 2025-03-01, clause: SX-02, cite: c}]}"
    faulty = SIXTH + "".join(f"  {name}: {wrong}\n" for name in ("filing.after_the_fact", "cap.merged_counts_once"))
    _, faults = examine_pack(faulty, file="sixth.yaml", parents=load_packs())
    assert [(fault.line, fault.parameter) for fault in faults] == [
        (13, "filing.after_the_fact"),
        (14, "cap.merged_counts_once"),
    ]
    assert examine_pack(SIXTH, file="sixth.yaml", parents=load_packs()) == (sixth(), [])


@pytest.mark.parametrize("text", ["", "[]", "a: b", "pack: \u0007", "just words"])
def test_what_is_no_pack_is_refused(text: str) -> None:
    """Empty, foreign and broken texts raise PackError and nothing else."""
    with pytest.raises(PackError, match=r"^other\.yaml:1: "):
        parse_pack(text, file="other.yaml", parents={})


def test_packs_that_inherit_in_a_circle_are_refused() -> None:
    """A cycle of parents is found and shown, wherever it is entered."""
    text = (
        "pack: {0}\ntitle: x\narea: '000000'\ninherits: {1}\n"
        "source: {{id: XX, number: x, from: 2025-01-01}}\nparameters: {{}}\n"
    )
    texts = {f"{a}.yaml": text.format(a, b) for a, b in (("one", "two"), ("two", "three"), ("three", "one"))}
    with pytest.raises(PackError, match=r"^three\.yaml:4: 循环继承：one → two → three → one$"):
        parse_packs(texts)


def test_two_files_cannot_hold_the_same_pack() -> None:
    """A name used twice is refused at the second file."""
    national = SIXTH.replace("inherits: national\n", "")
    with pytest.raises(PackError, match=r"^b\.yaml:1: a\.yaml 已使用名称 sixth$"):
        parse_packs({"a.yaml": national, "b.yaml": national})


def test_parents_are_read_before_children() -> None:
    """The order of the files does not matter."""
    child = SIXTH.replace("inherits: national", "inherits: parent")
    parent = (
        SIXTH.replace("inherits: national\n", "").replace("pack: sixth", "pack: parent").replace("value: 3", "value: 9")
    )
    packs = parse_packs({"a.yaml": child, "z.yaml": parent})
    assert packs["sixth"].lineage == ("sixth", "parent")


def test_a_section_gives_typed_values_with_their_citation() -> None:
    """Quzhou's cap is two visits a year, from the eighth point of its document."""
    cap = load_pack("quzhou").section(CapSection, on=TODAY).on_site_per_year
    assert cap is not None
    assert (cap.value, cap.clause, cap.cite) == (2, "QZ-16", "衢政办发〔2025〕16号 二(一)8")


def test_null_is_none_unless_the_type_allows_it() -> None:
    """Where a document sets no rule the field is None, or a cited null when the section asks for one."""
    section = load_pack("linxia").section(CapSection, on=TODAY)
    assert section.on_site_per_year is None
    assert section.triggered_reasonable_per_year.value is None
    assert section.triggered_reasonable_per_year.origin == "silent"


@pytest.mark.parametrize("value", ["true", '"3"', "[3]", "{a: 3}"])
def test_a_mistyped_value_names_its_line(value: str) -> None:
    """Types are strict: neither true nor text passes as a number."""
    with pytest.raises(PackError, match=r"^sixth\.yaml:10: cap\.on_site_per_year: "):
        sixth("value: 3", f"value: {value}").section(CapSection, on=TODAY)


def test_a_missing_mandatory_parameter_names_the_pack() -> None:
    """A pack without parents and without the parameter says which file lacks it."""
    alone = sixth("inherits: national\n", "", parents={})
    with pytest.raises(PackError, match=r"^sixth\.yaml:6: cap\.merged_counts_once: 缺少$"):
        alone.section(CapSection, on=TODAY)


def test_null_for_a_mandatory_value_is_an_error() -> None:
    """A pack may be silent only where the section lets it."""

    class Strict(Section, prefix="cap", declare=False):
        on_site_per_year: Param[int]

    with pytest.raises(PackError, match=r"cap\.on_site_per_year: 应为整数"):
        load_pack("national").section(Strict, on=TODAY)


def test_a_section_of_anything_but_params_is_a_programming_error() -> None:
    """A field that carries no citation cannot be declared."""

    class Bare(Section, prefix="entry", declare=False):
        min_officers: int

    with pytest.raises(TypeError, match=r"Bare\.min_officers must be Param"):
        load_pack("national").section(Bare, on=TODAY)


def test_declared_sections_are_known() -> None:
    """Declaring a section registers it for the check, unless it asks not to be."""
    assert CapSection not in declared_sections()
    before = len(declared_sections())

    class Known(Section, prefix="entry"):
        min_officers: Param[int]

    assert declared_sections()[before:] == (Known,)


def test_check_reports_every_error_and_what_nobody_reads() -> None:
    """Every missing parameter of a pack is reported; unread parameters are a note and no error."""
    alone = sixth("inherits: national\n", "", parents={})
    report = check({"sixth": alone, "national": load_pack("national")}, SECTIONS, TODAY)
    assert [error.parameter for error in report.errors["sixth"] if str(error.parameter).startswith("cap.")] == [
        "cap.merged_counts_once",
        "cap.triggered_reasonable_per_year",
        "cap.random_exempt_grades",
    ]
    assert not report.sound
    assert "vocabulary.labels" in report.unread
    assert "cap.on_site_per_year" not in report.unread


def test_an_unknown_pack_is_told() -> None:
    """A pack that is not shipped raises PackError with the file that would hold it."""
    with pytest.raises(PackError, match=r"^nowhere\.yaml:0: 没有名为 nowhere 的政策包$"):
        load_pack("nowhere")


def test_a_folder_adds_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file dropped into the folder of WURAO_PACKS is a pack like those that are shipped; a faulty one is told."""
    (tmp_path / "sixth.yaml").write_text(SIXTH, encoding="utf-8")
    monkeypatch.setenv("WURAO_PACKS", str(tmp_path))
    assert set(load_packs()) == {*SHIPPED, "sixth"}
    assert load_pack("sixth") == sixth(parents={"national": load_pack("national")})
    other = tmp_path / "other"
    other.mkdir()
    (other / "sixth.yaml").write_text(SIXTH.replace("value: 3", "value: x"), encoding="utf-8")
    monkeypatch.setenv("WURAO_PACKS", str(other))
    with pytest.raises(PackError, match=r"^sixth\.yaml:10: cap\.on_site_per_year: 应为整数$"):
        load_packs()


def test_names_are_those_in_force() -> None:
    """In 2019 no regulation on the business environment was in force, so only older law has names."""
    assert load_pack("quzhou").names_on(date(2019, 12, 31)) == [
        "basis.soft_means_first",
        "coercion.extension_days",
        "coercion.head_approves",
        "coercion.relief",
        "coercion.seal_days",
        "coercion.urgent_report_hours",
    ]


def test_a_caller_cannot_change_the_law() -> None:
    """Values handed out are copies."""
    pack = sixth()
    pack.param("grounds.off_draw", TODAY).value.clear()
    assert pack.param("grounds.off_draw", TODAY).value


@pytest.mark.parametrize("name", SHIPPED)
def test_a_pack_survives_its_document(name: str) -> None:
    """What travels in an event is the same pack on the other side, places of values included."""
    pack = load_pack(name)
    copy = Pack.from_document(pack.to_document())
    assert copy == pack
    assert copy.to_document() == pack.to_document()
    assert copy.section(PenaltySection, on=TODAY) == pack.section(PenaltySection, on=TODAY)


def test_the_digest_is_of_the_law_and_not_of_its_layout() -> None:
    """Blank lines and comments leave the digest as it is; a value, a date or a citation changes it."""
    same = parse_pack("# note\n\n" + SIXTH, file="other.yaml", parents=load_packs())
    assert same.digest == sixth().digest
    assert same == sixth()
    changed = [
        sixth("value: 3", "value: 4"),
        sixth("第六号 第1条", "第六号 第2条"),
        sixth("2025-03-01, to", "2025-03-02, to"),
    ]
    assert len({pack.digest for pack in (same, *changed)}) == 4


@pytest.mark.parametrize("document", [{}, {"name": "x"}, {"name": date(2025, 1, 1)}])
def test_a_foreign_document_is_refused(document: dict[str, Any]) -> None:
    """A document that no pack wrote raises PackError."""
    with pytest.raises(PackError, match=r"^document:0: "):
        Pack.from_document(document)


def test_quzhou_and_cang_county_disagree_on_filing_afterwards() -> None:
    """The difference names the parameter and both citations."""
    found = {item.name: item for item in diff(load_pack("quzhou"), load_pack("cangxian"), TODAY)}
    late = found["filing.after_the_fact"]
    assert late.a is not None
    assert late.b is not None
    assert (late.label, late.a.value, late.a.clause, late.b.value, late.b.clause) == (
        "可以事后补办",
        True,
        "QZ-10",
        False,
        "CX-06",
    )
    assert "period.working_day_terms" not in found


def test_a_pack_differs_from_another_by_what_only_one_has() -> None:
    """A parameter that one pack lacks shows as None on that side; a pack does not differ from itself."""
    alone = sixth("inherits: national\n", "", parents={})
    assert {item.name for item in diff(alone, alone, TODAY)} == set()
    lacking = [item for item in diff(alone, sixth(), TODAY) if item.name == "entry.min_officers"]
    assert [(item.a, item.b is None) for item in lacking] == [(None, False)]


def test_every_shipped_pack_satisfies_every_section() -> None:
    """All six packs load and carry every parameter the main job reads, in its type."""
    packs = load_packs()
    assert tuple(sorted(packs)) == SHIPPED
    assert check(packs, SECTIONS, TODAY).errors == {name: [] for name in SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_lists_and_benchmarks_speak_of_the_same_things(name: str) -> None:
    """Every list entry is of a kind the pack names, on a violation with a benchmark, in known circumstances."""
    penalty = load_pack(name).section(PenaltySection, on=TODAY)
    entries = penalty.lists.value
    assert {entry.list for entry in entries} == set(penalty.list_kinds.value)
    assert {entry.violation for entry in entries} <= {item.violation for item in penalty.benchmarks.value}
    assert {what for entry in entries for what in entry.circumstances} <= set(penalty.circumstance_labels.value)
    assert len({entry.code for entry in entries}) == len(entries)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_code_has_a_chinese_name(name: str) -> None:
    """Grounds and complaint categories can always be shown to people."""
    pack = load_pack(name)
    grounds = pack.section(GroundsSection, on=TODAY)
    used = {
        code for field in GroundsSection.model_fields if field != "labels" for code in getattr(grounds, field).value
    }
    assert used <= set(grounds.labels.value)
    complaint = pack.section(ComplaintSection, on=TODAY)
    assert set(complaint.categories.value) <= set(complaint.labels.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_levels_differ_in_how_closely_they_are_watched(name: str) -> None:
    """Every level of the scheme has measures of its own, and a worse one is drawn more often."""
    grade = load_pack(name).section(GradeSection, on=TODAY)
    levels, measures = grade.scheme.value.levels, grade.measures.value
    shares = [measures[level].sampling_permille for level in levels]
    assert set(measures) == set(levels)
    assert shares == sorted(set(shares))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_level_can_be_reached_by_its_score(name: str) -> None:
    """The best and the worst possible facts lead to the first and the last level."""
    scheme = load_pack(name).section(GradeSection, on=TODAY).scheme.value
    best = scheme.base + sum(max(line.score(line.lo), line.score(line.hi)) for line in scheme.indicators)
    worst = scheme.base + sum(min(line.score(line.lo), line.score(line.hi)) for line in scheme.indicators)
    assert best >= scheme.cutoffs[0]
    assert worst < scheme.cutoffs[-1]


@pytest.mark.parametrize(
    ("violation", "least", "most"),
    [
        ("food.label_defect", 0, 2_000_00),
        ("food.no_health_certificate", 5_000_00, 50_000_00),
        ("fire.exit_blocked", 5_000_00, 50_000_00),
        ("safety.no_training_record", 0, 100_000_00),
        ("waste.storage_unlabelled", 100_000_00, 1_000_000_00),
        ("equipment.overdue_inspection", 30_000_00, 300_000_00),
        ("credit.annual_report_late", 0, 0),
        ("quality.no_mark", 0, 0),
    ],
)
def test_benchmarks_are_the_amounts_of_the_articles(violation: str, least: int, most: int) -> None:
    """The ranges are those of the statutes, in fen."""
    benchmarks = load_pack("national").section(PenaltySection, on=TODAY).benchmarks.value
    found = [(item.min_fen, item.max_fen) for item in benchmarks if item.violation == violation]
    assert found == [(least, most)]


@pytest.mark.parametrize(
    ("pack", "name", "value"),
    [
        ("cangxian", "cap.random_exempt_grades", ["A"]),
        ("cangxian", "callback.days", 5),
        ("cangxian", "filing.same_moment_minutes", 30),
        ("cangxian", "plan.approver", "conference"),
        ("cangxian", "lead.unfiled_entry", True),
        ("cangxian", "grounds.off_plan", ["emergency", "superior_order", "complaint", "media_exposure"]),
        ("dingtao", "lead.recipients", ["discipline_inspection", "procuratorate", "organisation_department"]),
        ("dingtao", "plan.filing_office", "justice"),
        ("linxia", "plan.mandatory_fields", ["basis", "content", "targets", "frequency", "method", "time"]),
        ("linxia", "off_site.first", True),
        ("quzhou", "filing.makeup_working_days", 1),
        ("quzhou", "officer.min_share_legal_reviewers_permille", 50),
        ("quzhou", "evaluation.by_scan", True),
        ("yongzhou", "plan.joint_copy_to", "market"),
        ("yongzhou", "area.county_first", True),
        ("yongzhou", "grounds.entry_without_scan", ["emergency", "national_security", "public_safety"]),
        ("national", "penalty.summary_limit_organisation_fen", 300_000),
        ("national", "period.working_day_terms", [2, 3, 5, 7]),
    ],
)
def test_the_documents_own_rules(pack: str, name: str, value: object) -> None:
    """What the documents say in so many words is what the packs hold."""
    assert load_pack(pack).param(name, TODAY).value == value


NATIONAL_LAW = {"PL": "行政处罚法 ", "CL": "行政强制法 ", "BE": "优化营商环境条例 "}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_duty_is_cited_from_the_areas_own_document_or_national_law(name: str) -> None:
    """No basis names another jurisdiction's document, and each citation is of the document of its clause."""
    pack = load_pack(name)
    known = NATIONAL_LAW | ({} if name == "national" else {pack.source.id: f"{pack.source.number} "})
    bases = pack.section(Bases, on=TODAY)
    for field in Bases.model_fields:
        duty = getattr(bases, field)
        assert duty.cite.startswith(known[duty.clause[:2]]), field


def test_a_duty_that_a_document_does_not_contain_is_national_law() -> None:
    """On-site records are Quzhou's own rule there, the penalty law's in Cang County."""
    cited = {name: load_pack(name).section(Bases, on=TODAY).on_site_record for name in ("quzhou", "cangxian")}
    assert {name: param.clause for name, param in cited.items()} == {"quzhou": "QZ-11", "cangxian": "PL-55"}


def test_before_its_document_an_area_cites_national_law() -> None:
    """Quzhou's document does not reach back behind its first day."""
    assert load_pack("quzhou").section(Bases, on=date(2025, 5, 11)).on_site_record.clause == "PL-55"
