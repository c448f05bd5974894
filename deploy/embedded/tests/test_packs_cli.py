"""`wurao pack`, as an official uses it."""

import csv
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from wurao.common.packs import declared_sections
from wurao.common.packs.readers import READERS
from wurao.embedded.packs_cli import _import_services, app

SIXTH = """\
pack: sixth
title: 第六县
area: "330802"
inherits: national
source: {id: SX, number: 第六号, from: 2025-03-01}
parameters:
  cap.on_site_per_year:
    unit: visits/year
    values:
      - {value: 3, from: 2025-03-01, clause: SX-01, cite: 第六号 第1条}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A sound draft of a pack."""
    path = tmp_path / "sixth.yaml"
    path.write_text(SIXTH, encoding="utf-8")
    return path


def test_check_finds_the_shipped_packs_sound() -> None:
    """Every section that the services declare can be read from every pack."""
    result = run("check", "--on", "2025-12-01")
    assert result.exit_code == 0, result.output
    assert result.output.count("通过") == 6


def test_check_lists_what_no_service_reads() -> None:
    """Asked for, each parameter that nothing reads yet is named with the packs that carry it."""
    output = run("check", "--unread").output
    [row] = [line for line in output.splitlines() if "lead.routed_by" in line]
    assert "国家规定、沧县" in row


def test_the_readers_of_each_topic_are_those_that_declare_sections() -> None:
    """What is told of who would miss a parameter is what the services' code declares."""
    _import_services()
    declared: dict[str, set[str]] = {}
    for section in declared_sections():
        owner = section.__module__.split(".")
        if owner[0] == "wurao":
            declared.setdefault(section.prefix, set()).add(owner[1])
    assert {prefix: set(services) for prefix, services in READERS.items()} == declared


def test_a_sound_draft_passes(draft: Path) -> None:
    """A draft outside the package is checked against what is there, and counts its own rules."""
    result = run("check", str(draft))
    assert (result.exit_code, "通过：第六县（第六号），本级规定 1 项" in result.output) == (0, True)


def test_a_faulty_draft_is_told_fault_by_fault(draft: Path) -> None:
    """Every fault stands in the table with file and line, parameter, reason and reader; the status is 1."""
    draft.write_text(
        SIXTH.replace("value: 3", "value: true")
        + "  callback.days: {unit: days, values: [{value: 5, from: 2025-03-01, clause: SX-02}]}\n",
        encoding="utf-8",
    )
    result = run("check", str(draft))
    assert result.exit_code == 1
    told = "".join(result.output.split())
    for words in ("sixth.yaml有2处错误", "sixth.yaml:10", "应为整数", "sixth.yaml:11", "缺少cite", "排期", "监督"):
        assert words in told


def test_a_draft_that_services_cannot_read_fails(draft: Path) -> None:
    """A draft without parents names what it lacks and which service would miss it."""
    draft.write_text(
        SIXTH.replace("inherits: national\n", "").replace("    unit", "    label: 上限\n    unit"), "utf-8"
    )
    result = run("check", str(draft))
    assert result.exit_code == 1
    [row] = [line for line in result.output.splitlines() if "entry.code_shown" in line]
    assert "入企核验" in row


def test_drafts_may_inherit_from_one_another(draft: Path, tmp_path: Path) -> None:
    """Two drafts given together are read in turn."""
    child = tmp_path / "seventh.yaml"
    child.write_text(SIXTH.replace("sixth", "seventh").replace("national", "sixth"), "utf-8")
    assert run("check", str(draft), str(child)).exit_code == 0
    assert run("check", str(child)).exit_code == 1


def test_diff_shows_both_rules_with_their_source() -> None:
    """Quzhou grants a make-up afterwards and Cang County does not, each by its own document."""
    output = run("diff", "quzhou", "cangxian", "--on", "2025-12-01").output
    row = output[output.index("可以事后补办") :].split("├")[0]
    assert "衢政办发〔2025〕16号" in row
    assert "沧县九项工作机制(试行)" in row
    assert "突发紧急事件、上级部署、投诉举报、媒体曝光" in output
    assert "应急管理部门、生态环境部门、市场监管部门每年压减 20%" in output
    assert output.index("【检查频次与目标】") < output.index("【检查计划与报备】") < output.index("【信用分级】")
    for words in ("2 次/年", "1 个工作日", "到 2027 年达到 80%", "每年 1 月 31 日前", "50,000 元"):
        assert words in output
    for code in ("officer_scans", "working_days", "special_industry", "permille"):
        assert code not in output


def test_diff_lists_what_is_equal_only_when_asked() -> None:
    """Both packs want two officers: that is shown with --all alone."""
    assert "现场执法人员最少人数" not in run("diff", "quzhou", "cangxian").output
    assert "现场执法人员最少人数" in run("diff", "quzhou", "cangxian", "--all").output


def test_diff_asks_the_law_of_the_day() -> None:
    """Before Quzhou's document was in force its cap was not."""
    assert "每年现场检查次数上限" not in run("diff", "quzhou", "national", "--on", "2025-05-11").output
    assert "每年现场检查次数上限" in run("diff", "quzhou", "national", "--on", "2025-05-12").output


def test_a_draft_is_compared_with_what_it_would_replace(draft: Path) -> None:
    """A file stands where a pack's name does."""
    output = run("diff", "national", str(draft), "--on", "2026-01-05").output
    assert "3 次/年" in output
    assert "第六号 第1条（SX-01）" in output


class _Cells(HTMLParser):
    """The cells of a page's tables, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.links = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        self.links += tag in ("script", "link", "img") or any(name in ("src", "href") for name, _ in attrs)


def test_diff_is_written_for_the_office(tmp_path: Path) -> None:
    """The page needs nothing from outside; the table opens in office software; the document has every row too."""
    paths = [tmp_path / f"diff{suffix}" for suffix in (".html", ".md", ".csv")]
    for path in paths:
        assert run("diff", "quzhou", "cangxian", "--on", "2025-12-01", "--out", str(path)).exit_code == 0
    with paths[2].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:3] == ["主题", "规定", "衢州市（衢政办发〔2025〕16号）"]
    page = _Cells()
    page.feed(paths[0].read_text("utf-8"))
    headings = len({row[0] for row in rows[1:]})
    assert (page.rows, page.links) == (len(rows) - 1 + headings, 0)
    document = paths[1].read_text("utf-8").splitlines()
    assert sum(line.startswith("| ") for line in document) == len(rows) - 1 + 2 * headings


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "quzhou", "nowhere"),
        ("diff", "quzhou", "linxia", "--on", "2025-02-30"),
        ("diff", "quzhou"),
        ("diff", "quzhou", "linxia", "--out", "diff.exe"),
        ("check", "nowhere.yaml"),
    ],
)
def test_wrong_arguments_end_with_status_two(arguments: tuple[str, ...]) -> None:
    """An unknown pack, an impossible day, a missing pack, file or format are told, not traced."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
