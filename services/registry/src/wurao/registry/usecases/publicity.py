"""What the public sees of credit and of its repair, without a login (LX-12)."""

from datetime import date

from wurao.common.db import ReadSession
from wurao.common.policy import pack_for
from wurao.registry.domain.policy import VocabularySection
from wurao.registry.domain.repair_policy import RepairSection
from wurao.registry.repository import repair as repository
from wurao.registry.repository.enterprises import Sight, seen
from wurao.registry.schemas.repair import Cited, MaterialOut, PublicCredit, RepairRules, ShownFact, TermOut

CITED = ("terms", "severity", "conditions", "materials", "procedure", "check_days", "decision_days", "office")
HOW = "向{agency}提出申请，{day}起可以申请；条件、材料和期限见信用修复规则公示"
EVERYWHERE = Sight(area="")


async def rules(session: ReadSession, area: str, on: date) -> RepairRules:
    """The rules of credit repair in force in an area on a day."""
    pack = await pack_for(session, area, on)
    law = pack.section(RepairSection, on=on)
    labels = pack.section(VocabularySection, on=on).labels.value
    severity = law.severity.value
    return RepairRules(
        area=area,
        on=on,
        terms=[TermOut(severity=name, **term.model_dump()) for name, term in law.terms.value.items()],
        serious_kinds=[labels.get(kind, kind) for kind in severity.serious_kinds],
        serious_fine_fen=severity.serious_fine_fen,
        slight_kinds=[labels.get(kind, kind) for kind in severity.slight_kinds],
        slight_procedures=[labels.get(kind, kind) for kind in severity.slight_procedures],
        conditions=list(law.conditions.value),
        excluded=list(law.excluded.value.values()),
        procedure=list(law.procedure.value),
        materials=[MaterialOut(**material.model_dump()) for material in law.materials.value],
        check_working_days=law.check_days.value,
        decision_working_days=law.decision_days.value,
        office=law.office.value,
        remedies=law.remedies.value,
        citations=[
            Cited(subject=name, clause=getattr(law, name).clause, cite=getattr(law, name).cite) for name in CITED
        ],
    )


async def credit(session: ReadSession, enterprise_id: str, on: date) -> PublicCredit:
    """The adverse records in display; those that are slight, repaired, restored or withdrawn are not among them."""
    enterprise = await seen(session, enterprise_id, EVERYWHERE)
    pack = await pack_for(session, enterprise.area, on)
    law = pack.section(RepairSection, on=on)
    labels = pack.section(VocabularySection, on=on).labels.value
    rows = (await session.execute(repository.shown_of(enterprise_id, on))).all()
    return PublicCredit(
        enterprise_id=enterprise_id,
        name=enterprise.name,
        facts=[
            ShownFact(
                indicator=fact.indicator,
                label=labels.get(fact.indicator, fact.indicator),
                severity=law.terms.value[display.severity].label,
                record=fact.evidence,
                source=fact.source,
                established_on=display.shown_from,
                shown_until=display.shown_until,
                apply_from=display.apply_from,
                how_to_repair=HOW.format(agency=fact.source, day=display.apply_from.isoformat()),
            )
            for display, fact in rows
        ],
        grade=enterprise.grade if law.grade_public.value else None,
    )
