"""What refusals rest on where no other parameter decides: duties, cited from the document in force in the area."""

from wurao.common.packs.section import Section
from wurao.common.packs.values import Param


class Bases(Section, prefix="basis"):
    """One duty a field; the value is its short Chinese title, the clause and the citation are what counts."""

    qualified_body: Param[str]
    qualified_staff: Param[str]
    agency_published: Param[str]
    certificate: Param[str]
    officer_certification: Param[str]
    officer_suspension: Param[str]
    officer_exit: Param[str]
    recusal: Param[str]
    registered_enterprise: Param[str]
    item_legal_basis: Param[str]
    item_listed: Param[str]
    inspection_form: Param[str]
    plan_followed: Param[str]
    own_approval: Param[str]
    approved_beforehand: Param[str]
    on_site_record: Param[str]
    signed_ledger: Param[str]
    source_record: Param[str]
    evaluation: Param[str]
    lawful_conduct: Param[str]
    procedure_order: Param[str]
    head_decides: Param[str]
    statements_first: Param[str]
    hearing_first: Param[str]
    collective_discussion: Param[str]
    reasoned_departure: Param[str]
    benchmark_filed: Param[str]
    fine_within_benchmark: Param[str]
    instalments: Param[str]
    treasury_only: Param[str]
    soft_means_first: Param[str]
