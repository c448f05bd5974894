"""An enterprise's lawful refusal of an inspection: it counts as no fault of its own (YZ-09, LX-03)."""

from typing import Any, Literal

from wurao.checkin.domain.policy import Law
from wurao.common.packs import Param

Reason = Literal["no_certificate", "one_officer", "no_code", "not_named", "other"]

WORDS: dict[Reason, str] = {
    "no_certificate": "执法人员未出示有效执法证件",
    "one_officer": "执法人员少于法定人数",
    "no_code": "执法人员未扫码或未出示行政行为码",
    "not_named": "到场人员不在行政行为码载明之列",
    "other": "其他理由",
}


def basis(reason: Reason, law: Law) -> Param[Any]:
    """The clause on which a refusal for this reason rests in this jurisdiction."""
    entry = law.entry
    bases: dict[Reason, Param[Any]] = {
        "no_certificate": entry.certificate_shown,
        "one_officer": entry.min_officers,
        "no_code": entry.scan_required if entry.scan_required.value else law.basis.approved_beforehand,
        "not_named": law.basis.approved_beforehand,
        "other": law.basis.lawful_conduct,
    }
    return bases[reason]


def is_no_fault(reason: Reason) -> bool:
    """A listed reason clears the enterprise at once; any other is for the supervisors to look at."""
    return reason != "other"
