"""Enter areas; their names for people."""

from collections.abc import Iterable

from wurao.common import area as areas
from wurao.common.auth import Principal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.imports import Checked, ImportReport, RowError
from wurao.registry.domain.jurisdictions import misplaced
from wurao.registry.repository import jurisdictions as repository
from wurao.registry.repository.bulk import Values, insert_all, update_all
from wurao.registry.schemas.jurisdictions import AreaRow
from wurao.registry.tables import Area
from wurao.registry.usecases.rows import within_area

WHOLE_COUNTRY = "全国"


async def enter(session: WriteSession, checked: Checked[AreaRow], who: Principal) -> ImportReport:
    """Enter areas of the caller's area; a parent is known before or comes along in the same upload."""
    checked = within_area(checked, who, lambda row: row.code, "code")
    wanted = [code for row in checked.good for code in areas.chain(row.code)]
    known = await repository.known(session, wanted)
    there = known.keys() | {row.code for row in checked.good}

    def fault(number: int, row: AreaRow) -> RowError | None:
        found = misplaced(row.code, row.level, row.parent, there)
        return found and RowError(row=number, field=found[0], code="area.misplaced", message=found[1])

    checked = checked.rejecting(fault)
    rows: list[Values] = [row.model_dump() for row in checked.good]
    await insert_all(session, Area, [row for row in rows if row["code"] not in known])
    await update_all(session, Area, "code", [row for row in rows if row["code"] in known])
    return checked.report


async def names_of(session: ReadSession, codes: Iterable[str]) -> dict[str, str]:
    """Full Chinese names, such as 浙江省衢州市柯城区, of all the codes; a code itself where nobody named the area."""
    wanted = set(codes)
    known = await repository.known(session, {one for code in wanted for one in areas.chain(code)})
    return {code: _full(code, known) for code in wanted}


def _full(code: str, known: dict[str, Area]) -> str:
    if code == areas.COUNTRY:
        return WHOLE_COUNTRY
    if code not in known:
        return code
    return "".join(known[one].name for one in reversed(areas.chain(code)) if one in known)
