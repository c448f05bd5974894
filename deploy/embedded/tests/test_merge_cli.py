"""`wurao merge`: files in, files out, re-checked by a checker of its own; bad input is named and writes nothing."""

import csv
import json
import resource
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import chinese_calendar
import pytest
from typer.testing import CliRunner, Result

from wurao.embedded.cli import app

HEADER = "task_id,enterprise_id,agency_id,items,earliest,latest,minutes,officers\n"
TASKS = HEADER + (
    "t1,e1,market,i1;i2,2026-03-02,2026-03-13,60,2\n"
    "t2,e1,fire,i3,2026-03-09,2026-03-20,60,2\n"
    "t3,e1,tax,i4,2026-03-16,2026-03-27,60,2\n"
    "t4,e2,market,i1,2026-03-02,2026-03-06,60,2\n"
    "t5,e2,market,i2,2026-03-05,2026-03-06,300,2\n"
    "t6,e3,fire,i3,2026-10-03,2026-10-07,30,2\n"
)
CAPACITY = "agency_id,date,officer_days\n" + "".join(
    f"{agency},2026-03-{day:02},2\n" for agency in ("market", "fire", "tax") for day in range(2, 28)
)


def run(folder: Path, tasks: str | bytes = TASKS, capacity: str | None = CAPACITY, *options: str) -> Result:
    """Run the command on files in a folder."""
    (folder / "tasks.csv").write_bytes(tasks.encode() if isinstance(tasks, str) else tasks)
    files = [str(folder / "tasks.csv")]
    if capacity is not None:
        (folder / "capacity.csv").write_text(capacity, encoding="utf-8")
        files.append(str(folder / "capacity.csv"))
    return CliRunner().invoke(app, ["merge", *files, "--out", str(folder / "out"), *options])


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recheck(folder: Path, agencies: int = 4, minutes: int = 240, officers: int = 8) -> None:
    """Every rule, read off the files alone."""
    tasks = {row["task_id"]: row for row in rows(folder / "tasks.csv")}
    capacity = {(row["agency_id"], row["date"]): int(row["officer_days"]) for row in rows(folder / "capacity.csv")}
    served: list[str] = []
    used: defaultdict[tuple[str, str], int] = defaultdict(int)
    seen = set()
    for visit in rows(folder / "out" / "visits.csv"):
        members = [tasks[task_id] for task_id in visit["task_ids"].split(";")]
        served += [task["task_id"] for task in members]
        assert chinese_calendar.is_workday(date.fromisoformat(visit["date"]))
        assert (visit["enterprise_id"], visit["date"]) not in seen
        seen.add((visit["enterprise_id"], visit["date"]))
        need: defaultdict[str, int] = defaultdict(int)
        for task in members:
            assert task["enterprise_id"] == visit["enterprise_id"]
            assert task["earliest"] <= visit["date"] <= task["latest"]
            need[task["agency_id"]] = max(need[task["agency_id"]], int(task["officers"]))
        assert len(need) <= agencies
        assert sum(need.values()) <= officers
        assert sum(int(task["minutes"]) for task in members) <= minutes
        for agency_id, count in need.items():
            used[agency_id, visit["date"]] += count
    left = [row["task_id"] for row in rows(folder / "out" / "unserved.csv")]
    assert sorted([*served, *left]) == sorted(tasks)
    assert all(count <= capacity.get(key, 0) for key, count in used.items())


def test_tasks_become_few_visits_with_a_certificate(tmp_path: Path) -> None:
    """Tasks that meet share a visit; what cannot be served is named with its reason; the report adds up."""
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    recheck(tmp_path)
    visits = {row["task_ids"]: row for row in rows(tmp_path / "out" / "visits.csv")}
    assert set(visits) in ({"t1;t2", "t3", "t4"}, {"t1", "t2;t3", "t4"})
    assert all(row["visit_id"] == f"V{row['date'].replace('-', '')}-{row['enterprise_id']}" for row in visits.values())
    reasons = {row["task_id"]: row["reason"].split("：")[0] for row in rows(tmp_path / "out" / "unserved.csv")}
    assert reasons == {"t5": "too_long", "t6": "no_workday"}
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    seconds = report.pop("seconds")
    assert seconds >= 0
    assert report == {"tasks": 6, "visits": 3, "visits_unmerged": 4, "lower_bound": 3, "gap": 0.0, "unserved": 2}
    assert "不能少于" in result.output


def test_the_order_of_rows_and_their_form_change_nothing(tmp_path: Path) -> None:
    """Shuffled rows, a byte order mark, CRLF, quotes, columns in another order, GB18030: the same visits."""
    run(tmp_path)
    expected = (tmp_path / "out" / "visits.csv").read_bytes()
    header, *lines = TASKS.splitlines()
    columns = [header, *lines]
    turned = "\n".join(",".join(reversed(line.split(","))) for line in columns) + "\n"
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in columns) + "\r\n"
    for other in (
        "\n".join([header, *reversed(lines)]) + "\n",
        "\ufeff" + TASKS,
        turned,
        quoted,
        TASKS.encode("gb18030"),
    ):
        assert run(tmp_path, other).exit_code == 0
        assert (tmp_path / "out" / "visits.csv").read_bytes() == expected


def test_without_a_file_of_officers_there_are_as_many_as_wanted(tmp_path: Path) -> None:
    """No capacity file: no limit."""
    assert run(tmp_path, TASKS, None).exit_code == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["visits"] == 3


def test_merging_again_moves_nothing_that_need_not(tmp_path: Path) -> None:
    """With the visits of before a new task joins, and no visit moves."""
    run(tmp_path)
    before = rows(tmp_path / "out" / "visits.csv")
    (tmp_path / "before.csv").write_bytes((tmp_path / "out" / "visits.csv").read_bytes())
    more = TASKS + "t7,e2,tax,i4,2026-03-02,2026-03-27,30,2\n"
    result = run(tmp_path, more, CAPACITY, "--previous", str(tmp_path / "before.csv"))
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "out" / "report.json").read_text())["moved"] == 0
    after = rows(tmp_path / "out" / "visits.csv")
    assert [(row["visit_id"], row["date"]) for row in after] == [(row["visit_id"], row["date"]) for row in before]


@pytest.mark.parametrize(
    ("line", "row", "column", "says"),
    [
        ("t1,e9,market,i1,2026-03-02,2026-03-06,60,2", 8, "task_id", "编号重复"),
        ("t9,e9,market,i1,2026-03-06,2026-03-02,60,2", 8, "latest", "末日早于首日"),
        ("t9,e9,market,i1,2026-02-30,2026-03-02,60,2", 8, "earliest", "没有这一天"),
        ("t9,e9,market,i1,2026/03/02,2026-03-02,60,2", 8, "earliest", "应为日期"),
        ("t9,e9,market,i1,02-03-2026,2026-03-02,60,2", 8, "earliest", "应为日期"),
        ("t9,e9,market,i1,2026-3-2,2026-03-02,60,2", 8, "earliest", "应为日期"),
        ("t9,e9,market,i1,2026-03-02,2026.03.02,60,2", 8, "latest", "应为日期"),
        ("t9,e9,market,i1,2031-03-02,2031-03-03,60,2", 8, "earliest", "工作日安排"),
        ("t9,e9,market,i1,2026-03-02,2026-03-06,0,2", 8, "minutes", "大于 0"),
        ("t9,e9,market,i1,2026-03-02,2026-03-06,-5,2", 8, "minutes", "整数"),
        ("t9,e9,market,i1,2026-03-02,2026-03-06,60,two", 8, "officers", "整数"),
        ("t9,e 9,market,i1,2026-03-02,2026-03-06,60,2", 8, "enterprise_id", "字母、数字"),
        ("t9,e9,market,i1,2026-03-02,2026-03-06,60", 8, "", ""),
        ("t9,e9,unheard,i1,2026-03-02,2026-03-06,60,2", 0, "agency_id", "缺少机关 unheard 的人力"),
    ],
)
def test_bad_tasks_are_named_and_nothing_is_written(
    tmp_path: Path, line: str, row: int, column: str, says: str
) -> None:
    """One bad row among many: the place and the fault in Chinese, status 2, no file."""
    result = run(tmp_path, TASKS + line + "\n")
    assert result.exit_code == 2
    assert (f"第{row}行" in result.output) == bool(row)
    assert column in result.output
    assert says in result.output
    assert not (tmp_path / "out").exists()


def test_one_bad_row_among_many_is_found(tmp_path: Path) -> None:
    """A five-figure batch with one bad row is refused with its number."""
    lines = [f"n{n},e{n},market,i1,2026-03-02,2026-03-06,60,2\n" for n in range(20_000)]
    lines[12_345] = lines[12_345].replace("2026-03-06", "2026-03-01")
    result = run(tmp_path, HEADER + "".join(lines), None)
    assert (result.exit_code, "第12347行" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("capacity", "says"),
    [
        (CAPACITY + "market,2026-03-02,2\n", "重复"),
        (CAPACITY + "nobody,2026-03-02,2\n", "没有这个机关的任务"),
        (CAPACITY + "market,2026-03-32,2\n", "没有这一天"),
        (CAPACITY + "market,2026-03-30,many\n", "整数"),
        (CAPACITY.replace("officer_days", "people"), "officer_days"),
        ("agency_id,date,officer_days\n", "没有数据"),
    ],
)
def test_bad_officers_are_named(tmp_path: Path, capacity: str, says: str) -> None:
    """Faults of the second file are told as those of the first."""
    result = run(tmp_path, TASKS, capacity)
    assert (result.exit_code, says in result.output) == (2, True), result.output


def test_no_officers_on_a_day_means_nobody_comes(tmp_path: Path) -> None:
    """Zero officers are lawful and leave tasks unserved with that reason."""
    nobody = CAPACITY.replace(",2\n", ",0\n")
    assert run(tmp_path, TASKS, nobody).exit_code == 0
    reasons = {row["task_id"]: row["reason"].split("：")[0] for row in rows(tmp_path / "out" / "unserved.csv")}
    assert reasons["t1"] == "no_officers"
    recheck(tmp_path)


def test_missing_files_are_told(tmp_path: Path) -> None:
    """A file that is not there, or no file: status 2, its name and why, in Chinese."""
    result = CliRunner().invoke(app, ["merge", str(tmp_path / "nothing.csv")])
    assert (result.exit_code, "nothing.csv：不能读取（没有这个文件或文件夹）" in result.output) == (2, True)
    result = CliRunner().invoke(app, ["merge", str(tmp_path)])
    assert (result.exit_code, "不能读取（这是文件夹）" in result.output) == (2, True)


def test_where_results_cannot_be_written_none_is(tmp_path: Path) -> None:
    """A file where the folder should be, a folder where a file should be: told in Chinese, nothing is left."""
    (tmp_path / "out").touch()
    result = run(tmp_path)
    assert (result.exit_code, "out：不能写入（已有同名的文件）" in result.output) == (2, True)
    (tmp_path / "out").unlink()
    (tmp_path / "out" / "unserved.csv").mkdir(parents=True)
    result = run(tmp_path)
    assert (result.exit_code, "unserved.csv：不能写入（这是文件夹）" in result.output) == (2, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["unserved.csv"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may be longer, as on a disk that is full."""
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handled)


def test_a_disk_that_is_full_leaves_the_results_of_before(tmp_path: Path) -> None:
    """What cannot be written whole takes no file's place."""
    assert run(tmp_path).exit_code == 0
    before = (tmp_path / "out" / "visits.csv").read_bytes()
    (tmp_path / "more.csv").write_text(
        HEADER + "".join(f"n{n},e{n},market,i1,2026-03-02,2026-03-06,60,2\n" for n in range(500)), encoding="utf-8"
    )
    with files_of_at_most(4_096):
        result = CliRunner().invoke(app, ["merge", str(tmp_path / "more.csv"), "--out", str(tmp_path / "out")])
    assert (result.exit_code, "out：不能写入（文件超过允许的大小）" in result.output) == (2, True)
    assert (tmp_path / "out" / "visits.csv").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.json", "unserved.csv", "visits.csv"]
