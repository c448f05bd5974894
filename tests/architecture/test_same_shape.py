"""Who knows one service knows five: the same files in each, and sizes a reader can hold."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("registry", "scheduling", "checkin", "penalty", "supervision")
FILES = (
    "app",
    "access",
    "api",
    "consumers",
    "domain",
    "repository",
    "schemas",
    "settings",
    "sweeps",
    "tables",
    "usecases",
)
LONGEST = 450


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", FILES)
def test_service_has_the_file(service: str, name: str) -> None:
    """Each service has the module, as a file or as a folder of the same name."""
    folder = ROOT / "services" / service / "src" / "wurao" / service
    assert (folder / f"{name}.py").exists() or (folder / name).is_dir()


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(ROOT.glob("services/*/src/**/*.py")) if "versions" not in path.parts]
    + sorted(ROOT.glob("libs/*/src/**/*.py")),
)
def test_module_fits_a_reader(path: Path) -> None:
    """No module grows past what a reader holds in mind."""
    assert len(path.read_text().splitlines()) <= LONGEST


def test_no_jurisdiction_in_code() -> None:
    """Nothing in a service's code names a jurisdiction: what differs is in the packs."""
    names = ("yongzhou", "dingtao", "linxia", "quzhou", "cangxian")
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in ROOT.glob("services/*/src/**/*.py")
        for name in names
        if name in path.read_text().lower()
    ]
    assert found == []


def test_no_document_number_in_code() -> None:
    """No service cites one jurisdiction's document from its code: citations come from the pack in force."""
    numbers = ("衢政办发", "菏定政办字", "临州办发", "永优组办发", "沧县")
    found = [
        f"{path.relative_to(ROOT)}: {number}"
        for path in ROOT.glob("services/*/src/**/*.py")
        for number in numbers
        if number in path.read_text(encoding="utf-8")
    ]
    assert found == []
