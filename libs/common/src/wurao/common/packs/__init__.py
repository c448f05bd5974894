"""Policy packs: law as data, with citation and dates in force; see docs/architecture.md."""

from wurao.common.packs.bases import Bases
from wurao.common.packs.compare import Difference, Report, check, diff
from wurao.common.packs.errors import PackError
from wurao.common.packs.pack import Pack, Source
from wurao.common.packs.parse import examine_pack, parse_pack, parse_packs
from wurao.common.packs.section import Section, declared_sections
from wurao.common.packs.shipped import load_pack, load_packs
from wurao.common.packs.values import Param

__all__ = [
    "Bases",
    "Difference",
    "Pack",
    "PackError",
    "Param",
    "Report",
    "Section",
    "Source",
    "check",
    "declared_sections",
    "diff",
    "examine_pack",
    "load_pack",
    "load_packs",
    "parse_pack",
    "parse_packs",
]
