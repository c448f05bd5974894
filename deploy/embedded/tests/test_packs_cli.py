"""`wurao pack`, as an official uses it."""

import pytest
from typer.testing import CliRunner, Result

from wurao.embedded.packs_cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def test_check_finds_the_shipped_packs_sound() -> None:
    """Every section that the services declare can be read from every pack."""
    result = run("check", "--on", "2025-12-01")
    assert result.exit_code == 0, result.output
    assert result.output.count("通过") == 6


def test_diff_shows_both_rules_with_their_source() -> None:
    """Quzhou grants a make-up afterwards and Cang County does not, each by its own document."""
    output = run("diff", "quzhou", "cangxian", "--on", "2025-12-01").output
    row = output[output.index("可以事后补办") :].split("├")[0]
    assert "衢政办发〔2025〕16号" in row
    assert "沧县九项工作机制(试行)" in row
    assert "突发紧急事件、上级部署、投诉举报、媒体曝光" in output
    assert "应急管理部门、生态环境部门、市场监管部门" in output


def test_diff_asks_the_law_of_the_day() -> None:
    """Before Quzhou's document was in force its cap was not."""
    assert "每年现场检查次数上限" not in run("diff", "quzhou", "national", "--on", "2025-05-11").output
    assert "每年现场检查次数上限" in run("diff", "quzhou", "national", "--on", "2025-05-12").output


@pytest.mark.parametrize(
    "arguments", [("diff", "quzhou", "nowhere"), ("diff", "quzhou", "linxia", "--on", "2025-02-30"), ("diff", "quzhou")]
)
def test_wrong_arguments_end_with_status_two(arguments: tuple[str, ...]) -> None:
    """An unknown pack, an impossible day and a missing pack are told, not traced."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
