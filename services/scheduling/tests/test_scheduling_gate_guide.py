"""The guide to the gate names every reason that the gate gives."""

import re
from pathlib import Path

from wurao.scheduling.domain import gate

GUIDE = Path(__file__).parents[3] / "docs" / "scheduling" / "gate.md"


def test_the_guide_names_every_code() -> None:
    """Each code in the rules' own files stands in the guide's tables."""
    sources = [path.read_text(encoding="utf-8") for path in Path(gate.__file__).parent.glob("*.py")]
    codes = {code for source in sources for code in re.findall(r'"([a-z_]+\.[a-z_]+)"', source)}
    guide = GUIDE.read_text(encoding="utf-8")
    assert len(codes) > 30
    assert sorted(code for code in codes if f"`{code}`" not in guide) == []
