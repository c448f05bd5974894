"""The packs carry the documents whole: every duty rests on a parameter, and every parameter on a duty."""

from pathlib import Path

import pytest
import yaml

from wurao.common.packs import load_pack

CLAUSES = Path(__file__).parents[1] / "conformance" / "clauses.yaml"
PACKS = {"YZ": "yongzhou", "DT": "dingtao", "LX": "linxia", "QZ": "quzhou", "CX": "cangxian"}


def _clauses(document: str) -> set[str]:
    duties = yaml.safe_load(CLAUSES.read_text("utf-8"))["clauses"]
    return {duty["id"] for duty in duties if duty["id"].startswith(f"{document}-")}


@pytest.mark.parametrize("document", sorted(PACKS))
def test_every_duty_of_a_document_rests_on_a_parameter(document: str) -> None:
    """Each clause is written down in the document's own pack, and the pack cites no clause that is none."""
    pack = load_pack(PACKS[document])
    own = [value for parameter in pack.parameters.values() for value in parameter.values if value.pack == pack.name]
    cited = {value.clause for value in own if value.clause.startswith(f"{document}-")}
    assert cited == _clauses(document)


@pytest.mark.parametrize("document", sorted(PACKS))
def test_what_a_document_says_is_cited_from_it(document: str) -> None:
    """A value that is the document's text names the document's number, and holds from its first day or later."""
    pack = load_pack(PACKS[document])
    for name, parameter in pack.parameters.items():
        for value in parameter.values:
            if value.pack == pack.name and value.origin == "text" and value.clause.startswith(f"{document}-"):
                # The term of a correction order is the province's regulation, to which the document refers.
                assert value.cite.startswith(pack.source.number) or name.startswith("correction."), name
                assert value.since >= pack.source.since
