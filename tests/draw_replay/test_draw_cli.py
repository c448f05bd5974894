"""`wurao draw run` and `wurao draw verify` as a person at a terminal meets them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.draw_replay import instances
from tests.draw_replay.verifier import differences
from typer.testing import CliRunner, Result

from wurao.embedded.draw_cli import app

NAMES = ("pool.csv", "officers.csv", "conflicts.csv", "spec.json")
VERIFIER = Path(__file__).with_name("verifier.py")
SEED = "5eed" * 16
NEWLINE = b"\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the four files of a draw."""
    for name, raw in instances.example().items():
        (tmp_path / name).write_bytes(raw)
    return tmp_path


def command(*words: object) -> Result:
    """The command's answer."""
    return CliRunner().invoke(app, [str(word) for word in words])


def held(folder: Path, *more: object) -> Result:
    """A draw with its files named one by one."""
    files = [folder / name for name in NAMES]
    return command("run", *files, "--seed", SEED, "--out", folder / "draw.json", *more)


def test_what_is_run_verifies_by_product_and_by_a_stranger(folder: Path) -> None:
    """Files in, result out; the product's verifier and the stranger's script both accept it."""
    answer = held(folder)
    assert answer.exit_code == 0, answer.output
    named = command("verify", *(folder / name for name in (*NAMES, "draw.json")), "--seed", SEED)
    whole = command("verify", folder)
    assert (named.exit_code, whole.exit_code) == (0, 0), named.output
    assert "核验通过" in whole.output
    run = subprocess.run([sys.executable, "-I", VERIFIER, folder], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "ok\n"), run.stderr
    before = (folder / "draw.json").read_bytes()
    held(folder)
    assert (folder / "draw.json").read_bytes() == before


def test_a_replacement_is_in_the_result(folder: Path) -> None:
    """The next ticket stands in, with the reason, and all still verifies."""
    held(folder)
    gone = next(one for one in json.loads((folder / "draw.json").read_bytes())["drawn"] if one["stratum"] == "A")
    assert held(folder, "--replace", f"{gone['enterprise_id']}=已注销").exit_code == 0
    result = (folder / "draw.json").read_bytes()
    [substitute] = json.loads(result)["substitutes"]
    assert (substitute["replaces"], substitute["reason"]) == (gone["enterprise_id"], "已注销")
    assert differences({name: (folder / name).read_bytes() for name in NAMES}, result) == []
    assert command("verify", folder).exit_code == 0
    assert held(folder, "--replace", "nobody=已注销").exit_code == 2
    assert held(folder, "--replace", gone["enterprise_id"]).exit_code == 2


@pytest.mark.parametrize("name", [*NAMES, "draw.json"])
def test_a_changed_file_fails_and_is_named_with_its_place(folder: Path, name: str) -> None:
    """One changed byte ends with status 1, the file and the row."""
    held(folder)
    raw = (folder / name).read_bytes()
    at = raw.index(b"\n", len(raw) // 2) - 2
    (folder / name).write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    answer = command("verify", folder)
    assert answer.exit_code == 1
    told = " ".join(answer.output.split())
    assert name in told
    assert f"第{raw[:at].count(NEWLINE) + 1}行" in told


def test_another_seed_fails(folder: Path) -> None:
    """A published seed that is not the one drawn by is named."""
    held(folder)
    answer = command("verify", folder, "--seed", "ab")
    assert answer.exit_code == 1
    assert "--seed" in answer.output


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("pool.csv", b"", ("pool.csv", "第1行")),
        ("pool.csv", b"enterprise_id,stratum\nE1,A\nE1,A\n", ("pool.csv", "第3行", "enterprise_id")),
        ("officers.csv", b"officer_id,line\no1,food\n", ("officers.csv", "第1行", "max_visits")),
        ("conflicts.csv", b"enterprise_id,officer_id\nE9,o1\n", ("conflicts.csv", "第2行", "enterprise_id")),
        ("spec.json", b'{"ratio": {"A": 2}}', ("spec.json", "第1行", "ratio/A")),
    ],
)
def test_bad_input_ends_with_2_and_writes_nothing(folder: Path, name: str, raw: bytes, told: tuple[str, ...]) -> None:
    """The fault is told with file, row and column; no result appears."""
    (folder / name).write_bytes(raw)
    answer = held(folder)
    assert answer.exit_code == 2
    assert all(part in answer.output for part in told), answer.output
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


def test_a_missing_file_and_a_seed_that_is_none_end_with_2(folder: Path) -> None:
    """What is not there, or is no seed, is named."""
    assert command("run", folder, "--seed", "xyz").exit_code == 2
    (folder / "officers.csv").unlink()
    answer = command("run", folder, "--seed", SEED)
    assert answer.exit_code == 2
    assert "officers.csv" in answer.output


def test_gbk_files_with_chinese_strata_are_read(folder: Path) -> None:
    """Lists saved by office software in GBK draw like those in UTF-8, and are frozen as they are."""
    spec = '{"ratio": {"优": 0.5}, "officers_per_visit": 1, "line": {"优": "食品"}}'
    lists = {
        "pool.csv": "enterprise_id,stratum\r\nE1,优\r\nE2,优\r\n",
        "officers.csv": "officer_id,line,max_visits\r\no1,食品,3\r\n",
        "conflicts.csv": "enterprise_id,officer_id\r\n",
    }
    drawn = []
    for encoding in ("utf-8-sig", "gbk"):
        for name, text in lists.items():
            (folder / name).write_bytes(text.encode(encoding))
        (folder / "spec.json").write_bytes(spec.encode("gbk" if encoding == "gbk" else "utf-8"))
        assert held(folder).exit_code == 0
        assert command("verify", folder).exit_code == 0
        drawn.append(json.loads((folder / "draw.json").read_bytes())["drawn"])
    assert drawn[0] == drawn[1]
