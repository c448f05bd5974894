"""Policy packs over HTTP: uploaded, proposed by one person and decided by another, in force by date."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.errors import Malformed
from wurao.common.packs import Pack, diff, load_packs
from wurao.common.packs.words import Words, place, source, topic
from wurao.common.policy import pack_for
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.uploads import read_body
from wurao.common.web import Now
from wurao.registry.access import CanDecidePacks, CanMaintain, CanRead, Public, require_area
from wurao.registry.domain.activations import STANDINGS
from wurao.registry.repository import policy as repository
from wurao.registry.schemas.base import AreaCode, Identifier
from wurao.registry.schemas.policy import (
    ActivationOut,
    ChangeOut,
    Ending,
    Note,
    PackOut,
    ParameterOut,
    Proposal,
)
from wurao.registry.tables import PackActivation, PackDraft
from wurao.registry.usecases import packs as usecases
from wurao.registry.usecases.policy import as_of

router = unit_router("packs")

MOST_BYTES = 1024 * 1024
Area = Annotated[AreaCode, Query()]
ActivationId = Annotated[Identifier, Path()]


async def _yaml(request: Request) -> str:
    body = await read_body(request, MOST_BYTES)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("政策包应为 UTF-8 编码的 YAML", code="pack.faulty") from error


YamlText = Annotated[str, Depends(_yaml)]


@router.get("/packs")
async def list_packs(who: Public, session: Read) -> list[PackOut]:
    """The packs that can be activated: those of the platform, then uploaded ones, the newest first."""
    drafts = await repository.drafts(session)
    shipped = [_pack_out(pack) for _, pack in sorted(load_packs().items())]
    return [*shipped, *(_pack_out(Pack.from_document(draft.document), draft) for draft in drafts)]


@router.post(
    "/packs",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}},
)
async def upload_pack(who: CanMaintain, text: YamlText, session: Write, clock: Now) -> PackOut:
    """Upload a pack as one YAML text, at most 1 MiB; a faulty one is refused with every fault and its line."""
    draft, pack = await usecases.upload(session, text, who.person, clock.now())
    require_area(who, pack.area)
    return _pack_out(pack, draft)


@router.post("/packs/activations", status_code=201)
async def propose(body: Proposal, who: CanDecidePacks, session: Write, clock: Now, response: Response) -> ActivationOut:
    """Propose that a pack takes effect in an area from a day; another person decides."""
    require_area(who, body.area)
    found = await usecases.propose(session, body, who.person, clock.today(), clock.now())
    response.headers["Location"] = f"/v1/packs/activations/{found.activation_id}"
    return await _out(session, found, clock.today(), response)


@router.get("/packs/activations")
async def list_activations(area: Area, who: CanRead, session: Read, clock: Now) -> list[ActivationOut]:
    """Every activation that concerns an area, the latest day first, with both persons."""
    found = await usecases.history(session, area, clock.today())
    return [_activation_out(activation, standing) for activation, standing in found]


@router.get("/packs/activations/{activation_id}")
async def get_activation(
    activation_id: ActivationId, who: CanRead, session: Read, clock: Now, response: Response
) -> ActivationOut:
    """An activation."""
    return await _out(session, await repository.activation(session, activation_id), clock.today(), response)


@router.get("/packs/activations/{activation_id}/changes")
async def changes(activation_id: ActivationId, who: CanRead, session: Read) -> list[ChangeOut]:
    """What an activation changes against the pack that the area has without it, in words."""
    found = await repository.activation(session, activation_id)
    day = found.effective_from
    return _changes(await usecases.before(session, found), Pack.from_document(found.document), day)


@router.post("/packs/activations/{activation_id}/approve")
async def approve(
    activation_id: ActivationId,
    body: Note,
    who: CanDecidePacks,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ActivationOut:
    """Approve what somebody else proposed; the pack acts from its day."""
    found = await _for_decision(session, activation_id, who, if_match)
    await usecases.approve(session, found, who.person, body.note, clock.today(), clock.now())
    return await _out(session, found, clock.today(), response)


@router.post("/packs/activations/{activation_id}/reject")
async def reject(
    activation_id: ActivationId,
    body: Ending,
    who: CanDecidePacks,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ActivationOut:
    """Turn down what somebody else proposed."""
    found = await _for_decision(session, activation_id, who, if_match)
    await usecases.reject(session, found, who.person, body.reason, clock.now())
    return await _out(session, found, clock.today(), response)


@router.post("/packs/activations/{activation_id}/withdraw")
async def withdraw(
    activation_id: ActivationId,
    body: Ending,
    who: CanDecidePacks,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ActivationOut:
    """Take back a proposal, or a pack that is approved for a day to come."""
    found = await _for_decision(session, activation_id, who, if_match)
    await usecases.withdraw(session, found, who.person, body.reason, clock.today(), clock.now())
    return await _out(session, found, clock.today(), response)


@router.get("/packs/effective")
async def effective(area: Area, who: Public, session: Read, clock: Now, on: date | None = None) -> list[ParameterOut]:
    """Every parameter in force in an area on a day, with clause and citation; `said` is the value in words."""
    day = as_of(on, clock.today())
    pack = await pack_for(session, area, day)
    words = Words(pack, day)
    return [
        ParameterOut(name=name, label=pack.parameters[name].label, said=words.say(param), **param.model_dump())
        for name, param in pack.in_force(day).items()
    ]


async def _for_decision(
    session: WriteSession, activation_id: str, who: Principal, if_match: int | None
) -> PackActivation:
    found = await repository.activation(session, activation_id)
    require_area(who, found.area)
    check_match(found.version, if_match)
    return found


async def _out(session: Read, activation: PackActivation, today: date, response: Response) -> ActivationOut:
    etag(response, activation.version)
    others = await repository.activations(session, (activation.area,))
    return _activation_out(activation, usecases.standing_of(activation, others, today))


def _activation_out(activation: PackActivation, standing: str) -> ActivationOut:
    fields = {name: getattr(activation, name) for name in ActivationOut.model_fields if hasattr(activation, name)}
    return ActivationOut(**fields, standing=standing, standing_label=STANDINGS[standing])


def _pack_out(pack: Pack, draft: PackDraft | None = None) -> PackOut:
    return PackOut(
        name=pack.name,
        title=pack.title,
        area=pack.area,
        number=pack.source.number,
        in_force_from=pack.source.since,
        digest=pack.digest,
        parameters=len(pack.parameters),
        uploaded_by=draft.uploaded_by if draft else None,
        uploaded_at=draft.uploaded_at if draft else None,
    )


def _changes(before: Pack, after: Pack, day: date) -> list[ChangeOut]:
    old, new = Words(before, day), Words(after, day)
    return [
        ChangeOut(
            topic=topic(item.name),
            name=item.name,
            label=item.label,
            before=old.say(item.a),
            before_source=source(item.a) if item.a else "",
            after=new.say(item.b),
            after_source=source(item.b) if item.b else "",
        )
        for item in sorted(diff(before, after, day), key=lambda item: place(item.name))
    ]
