"""Five OpenAPI documents kept to under generated requests: a small county behind them, served over real HTTP."""

import asyncio
import copy
import json
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, Config
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from wurao.common.auth import PERMISSIONS, Role
from wurao.common.clock import AdjustableClock
from wurao.common.contracts import TOPICS
from wurao.common.testing import Recorder
from wurao.embedded.counties import PACKS
from wurao.embedded.demo import opening, planning, visiting
from wurao.embedded.demo.client import SERVICES, Callers, Endpoints
from wurao.embedded.demo.command import START
from wurao.embedded.demo.county import at
from wurao.embedded.demo.play import Play, Step
from wurao.embedded.demo.stage import LINES, Stage
from wurao.embedded.issuer_app import stored_secret
from wurao.embedded.platform import create_platform
from wurao.embedded.sample import generate
from wurao.embedded.server import bound_socket, serving
from wurao.scheduling.domain import plan_table
from wurao.scheduling.usecases.spreadsheets import MEDIA_TYPE, Column, Table, written

PACK = "quzhou"
ENTERPRISES = 60
EXAMPLES = 16
EXAMPLES_WITHOUT_INPUT = 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A stream ends with its job, and a moved clock would make every later answer depend on one generated instant.
LEFT_OUT = r"/events$|/sandbox/clock$"

Operation = APIOperation[Any, Any, Any, Any]

DAY = re.compile(r"\d{4}-\d\d-\d\d")
# What requests call by another name than the answers that it came with.
ALIASES = {
    "token": ("enterprise_code", "action_code", "code"),
    "next_cursor": ("cursor",),
    "ledger_seq": ("seq",),
}


@dataclass
class Seeds:
    """Values by field name, learnt from events and answers; generated requests are sown with them."""

    known: dict[str, list[Any]] = field(default_factory=dict)

    def learn(self, value: Any) -> None:
        """Keep the identifiers, codes and cursors found anywhere in a JSON value."""
        if isinstance(value, list):
            for one in value:
                self.learn(one)
        elif isinstance(value, dict):
            for name, one in value.items():
                if isinstance(one, str | int) and (name.endswith("_id") or name == "area" or name in ALIASES):
                    for alias in ALIASES.get(name, (name,)):
                        self._keep(alias, one)
                self.learn(one)

    def _keep(self, name: str, value: Any) -> None:
        values = self.known.setdefault(name, [])
        if value not in values:
            values.append(value)

    def sown(self, value: Any, dice: random.Random, claims: Mapping[str, str], name: str = "") -> Any:
        """The value with the caller's claims, known values and days of the quarter where they fit, mostly."""
        if isinstance(value, dict):
            sown = {key: self.sown(one, dice, claims, key) for key, one in value.items()}
            return sown if dice.random() < 0.2 else sown | _days(sown, dice)
        if isinstance(value, list):
            return [self.sown(one, dice, claims, name.removesuffix("s")) for one in value]
        if not isinstance(value, str | int) or isinstance(value, bool) or dice.random() < 0.2:
            return value
        if name in claims and dice.random() < 0.7:
            return claims[name]
        return dice.choice(self.known.get(name, [value]))


def _days(value: dict[str, Any], dice: random.Random) -> dict[str, str]:
    """Days of the quarter for the fields that hold days or instants, in order: ends sort behind beginnings by name."""
    names = sorted(name for name, one in value.items() if isinstance(one, str) and DAY.match(one))
    days = sorted(f"2026-0{dice.randint(1, 3)}-{dice.randint(1, 28):02}" for _ in names)
    return {name: day + value[name][10:] for name, day in zip(names, days, strict=True)}


@dataclass
class Bodies:
    """What the play sent, by method and path; generated bodies are crossed with it to come past the first checks."""

    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    async def keep(self, request: httpx.Request) -> None:
        """An event hook of the play's client."""
        kind = request.headers.get("content-type", "")
        if kind == "application/json":
            self.sent.append((request.method, request.url.path, json.loads(request.content)))
        elif kind == "text/csv":
            self.sent.append((request.method, request.url.path, request.content.decode().splitlines()[:5]))

    def like(self, service: str, operation: Operation) -> list[Any]:
        """The bodies that went to an operation of a service."""
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", f"/{service}{operation.path}"))
        method = operation.method.upper()
        return [body for verb, path, body in self.sent if verb == method and pattern.fullmatch(path)]


def crossed(body: Any, sent: Any, dice: random.Random) -> Any:
    """A body that was sent, with a few parts of a generated one."""
    if isinstance(body, dict) and isinstance(sent, dict):
        return sent | {name: value for name, value in body.items() if dice.random() < 0.2}
    if isinstance(body, str | bytes) and isinstance(sent, list):
        text = body if isinstance(body, str) else body.decode(errors="replace")
        return "\n".join([sent[0], *(_mutated(row, text, dice) for row in sent[1:])]).encode()
    return body


def _mutated(row: str, text: str, dice: random.Random) -> str:
    cells = row.split(",")
    cells[dice.randrange(len(cells))] = dice.choice([text, text[:1], "", "0", "-1", "9" * 30, "9999-12-31", "true"])
    return ",".join(cells)


@dataclass(frozen=True)
class Caller:
    """A token, and the roles and claims that it carries."""

    roles: frozenset[str]
    claims: Mapping[str, str]
    headers: dict[str, str]


NOBODY = Caller(frozenset(), {}, {})


@dataclass
class County:
    """A served county: where it answers, who may call it, what is known of it."""

    url: str
    callers: Sequence[Caller]
    seeds: Seeds
    bodies: Bodies


@schemathesis.serializer(MEDIA_TYPE)
def sheet(context: Any, value: Any) -> bytes:
    """A plan table of one row with a generated cell or two, or now and then what is no spreadsheet at all."""
    text = value if isinstance(value, str) else str(value)
    if len(text) % 4 == 3:
        return text.encode(errors="replace")
    row = dict.fromkeys(plan_table.CONTENTS.values(), text[:200])
    row |= {
        plan_table.TITLE: "2026年检查计划",
        plan_table.KIND: "年度计划",
        plan_table.AGENCY: text[:20] or "330802-fire",
    }
    row |= {plan_table.FIRST: "2026-01-01", plan_table.LAST: "2026-12-31", plan_table.ITEM: text[-20:] or "i1"}
    columns = [Column(heading) for heading in row]
    return written(Table("检查计划表", columns, [list(row.values())]))


STEPS: tuple[Step, ...] = (
    opening.import_the_county,
    opening.publish_agencies_and_items,
    opening.grade_everybody,
    planning.make_plans,
    planning.hold_the_draw,
    planning.act_on_a_complaint,
    planning.merge_into_visits,
    planning.approve_visits,
    visiting.go_to_every_door,
)


async def _serve(folder: Path, ready: "Future[County]", done: threading.Event) -> None:
    """Serve a county on a free port of loopback, play it up to its first cases, and go on until `done`."""
    generate(folder / "sample", enterprises=ENTERPRISES, area=PACKS[PACK])
    listening = bound_socket(0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clock = AdjustableClock()
    clock.set(START)
    platform, recorder = create_platform(folder / "data", url, clock), Recorder()
    bodies, hooks = Bodies(), dict[str, list[Callable[..., Any]]]()
    hooks["request"] = [bodies.keep]
    async with serving(platform.app, listening), httpx.AsyncClient(timeout=60, event_hooks=hooks) as http:
        recording = asyncio.create_task(recorder.follow(await platform.bus.subscribe("recorder", TOPICS)))
        callers = Callers(http, Endpoints.embedded(url, stored_secret(folder / "data" / "client-secret")))
        stage = Play(callers, PACK, PACKS[PACK], folder / "sample", START)
        for step in STEPS:
            await step(stage)
        await _stay_inside(stage)
        await _decide_a_case(stage)
        await _prove_a_complaint(stage)
        seeds = Seeds()
        for event in recorder.events:
            seeds.learn(event.model_dump(mode="json"))
        for visit in stage.visits:
            seeds.learn(visit)
            seeds.learn(await visiting.door_body(stage, visit))
        ready.set_result(County(url, await _callers(stage), seeds, bodies))
        await asyncio.to_thread(done.wait)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)


def _people(stage: Stage, agency_id: str) -> tuple[list[str], str]:
    """Two officers of an agency and a legal reviewer who is neither."""
    officers = stage.county.officers_of(agency_id)
    reviewer = next(
        row["officer_id"]
        for row in stage.county.table("officers")
        if row["agency_id"] == agency_id and row["legal_reviewer"] == "true" and row["legal_qualified"] == "true"
    )
    return [row["officer_id"] for row in officers if row["officer_id"] != reviewer][:2], reviewer


async def _stay_inside(stage: Stage) -> None:
    """Enter for the last visit and leave its record open."""
    visit = stage.visits[-1]
    await stage.move_to(at(visit["day"]))
    await visiting.enter(stage, visit)


async def _decide_a_case(stage: Stage) -> None:
    """One case decided with a fine, and one left open."""
    county, agency_id = stage.county, stage.county.agency(LINES[0])
    officers, reviewer_id = _people(stage, agency_id)
    handler = await county.officer(officers[0], agency_id)
    reviewer = await county.callers.of(
        "reviewer", name=reviewer_id, officer_id=reviewer_id, agency_id=agency_id, area=county.area
    )
    body = {
        "agency_id": agency_id,
        "violation": "fire.exit_blocked",
        "act_on": stage.now.date().isoformat(),
        "party": "organisation",
        "circumstances": [],
        "officer_ids": officers,
    }
    for target in list(county.enterprises_in(planning.TARGETS))[:2]:
        case = await handler.post("penalty", "/v1/cases", body | {"enterprise_id": target["enterprise_id"]})
    path = f"/v1/cases/{case['case_id']}"
    proposal = await handler.get("penalty", f"{path}/proposal")
    fine = {"fine_fen": proposal["range"]["min_fen"], "kinds": ["fine"]}
    await handler.post("penalty", f"{path}/notice", fine | {"facts": "消防通道被堵", "reasons": "依据裁量基准"})
    enterprise = await county.enterprise(case["enterprise_id"])
    await enterprise.post("penalty", f"{path}/statements", {"text": "已经整改"})
    await handler.post("penalty", f"{path}/statements/answer", {"text": "已复核"})
    await reviewer.post("penalty", f"{path}/review", {"passed": True, "opinion": "事实清楚"})
    decision = {
        "procedure": "ordinary",
        "outcome": proposal["outcome"],
        "reason": "依据裁量基准",
        "education": "已说明",
    }
    await (await county.head(agency_id)).post("penalty", f"{path}/decision", fine | decision)


async def _prove_a_complaint(stage: Stage) -> None:
    """An entry that nobody filed and a proven complaint: an alert, a correction order, a lead."""
    county, visit = stage.county, stage.visits[0]
    officer = visit["officers"][0]
    about = {
        "enterprise_id": visit["enterprise_id"],
        "agency_id": officer["agency_id"],
        "officer_ids": [officer["officer_id"]],
        "description": "未出示行政行为码，要求交咨询费",
    }
    enterprise, supervisor = await county.enterprise(visit["enterprise_id"]), await county.supervisor()
    await enterprise.post("checkin", "/v1/unfiled-entries", about | {"happened_at": stage.now.isoformat()})
    complaint = about | {"channel": "enterprise", "category": "arbitrary_fee"}
    made = await enterprise.post("supervision", "/v1/complaints", complaint)
    proven = {name: about[name] for name in ("agency_id", "officer_ids")}
    proven |= {"outcome": "proven", "reply": "经查属实", "suspected_breach": True}
    await supervisor.post("supervision", f"/v1/complaints/{made['complaint_id']}/close", proven)


async def _callers(stage: Stage) -> list[Caller]:
    """Tokens that together hold every role but the sandbox's: the area's offices, agencies, an enterprise."""
    county = stage.county
    offices = [Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE, Role.TREASURY, Role.DISCIPLINE]
    agency_roles = [Role.PLANNER, Role.HEAD, Role.OFFICER, Role.REVIEWER]
    made = [await _caller(stage, offices, agency_id=county.agency("justice"))]
    officers = {county.agency(line): _people(stage, county.agency(line))[0][0] for line in LINES}
    officers |= {officer["agency_id"]: officer["officer_id"] for officer in stage.visits[-1]["officers"]}
    for agency_id, officer_id in officers.items():
        made.append(await _caller(stage, agency_roles, agency_id=agency_id, officer_id=officer_id))
    made.append(await _caller(stage, [Role.ENTERPRISE], enterprise_id=stage.visits[0]["enterprise_id"]))
    return made


async def _caller(stage: Stage, roles: Sequence[Role], **claims: str) -> Caller:
    caller = await stage.county.callers.of(" ".join(roles), area=stage.county.area, **claims)
    return Caller(frozenset(roles), claims | {"area": stage.county.area}, caller.headers)


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """The county, served by another thread until the session ends."""
    ready: Future[County] = Future()
    done = threading.Event()

    def serve() -> None:
        try:
            asyncio.run(_serve(tmp_path_factory.mktemp("county"), ready, done))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    server = threading.Thread(target=serve, name="county")
    server.start()
    try:
        yield ready.result(timeout=240)
    finally:
        done.set()
        server.join()


@dataclass
class Fuzz:
    """Generated requests to one service and what was wrong with its answers."""

    county: County
    service: str
    seeds: Seeds
    http: requests.Session
    failures: dict[str, str] = field(default_factory=dict)
    answered: dict[str, set[int]] = field(default_factory=dict)

    def explore(self, operation: Operation) -> None:
        """Try one operation with requests that fit its schema and with requests that do not."""
        allowed, bodies = self._allowed(operation), self.county.bodies.like(self.service, operation)
        modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
        cases = modes.flatmap(lambda mode: st.tuples(st.just(mode), operation.as_strategy(generation_mode=mode)))

        @settings(
            max_examples=EXAMPLES if _takes_input(operation) else EXAMPLES_WITHOUT_INPUT,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(generated=cases, number=st.integers(0, 2**32 - 1))
        def ask(generated: tuple[GenerationMode, Case[Any]], number: int) -> None:
            (mode, case), dice = generated, random.Random(number)  # noqa: S311 - Hypothesis draws the seed
            caller = dice.choice(allowed)
            if mode is GenerationMode.POSITIVE:
                self._sow(case, dice, caller, bodies)
            case.path_parameters = self.seeds.sown(case.path_parameters, dice, caller.claims)
            self._ask(case, caller)

        ask()

    def _allowed(self, operation: Operation) -> list[Caller]:
        """The callers whom the operation's permission lets in, and nobody."""
        [scope] = [scope for one in operation.definition.raw["security"] for scope in one["oidc"]]
        able = [one for one in self.county.callers if scope == "public" or one.roles & PERMISSIONS[scope]]
        return [*able * 4, NOBODY]

    def _sow(self, case: Case[Any], dice: random.Random, caller: Caller, bodies: list[Any]) -> None:
        # Any cursor but one that the same list has given out is refused at once: most requests go without.
        query = {name: one for name, one in case.query.items() if name != "cursor" or dice.random() < 0.3}
        case.query = self.seeds.sown(query, dice, caller.claims)
        if bodies and dice.random() < 0.8:
            case.body = crossed(case.body, dice.choice(bodies), dice)
        case.body = self.seeds.sown(case.body, dice, caller.claims)
        if dice.random() < 0.8:
            case.headers.pop("if-match", None)

    def _ask(self, case: Case[Any], caller: Caller) -> None:
        answer = case.call(f"{self.county.url}/{self.service}", self.http, caller.headers)
        self.answered.setdefault(case.operation.label, set()).add(answer.status_code)
        try:
            case.validate_response(answer, CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self.failures.setdefault(f"{case.operation.label}: {failure.title}", str(failures))
        if answer.status_code < 300 and answer.content and "json" in answer.headers.get("content-type", [""])[0]:
            self.seeds.learn(answer.json())


def _takes_input(operation: Operation) -> bool:
    raw = operation.definition.raw
    return "requestBody" in raw or bool(raw.get("parameters"))


# The server draws random numbers in its own thread while Hypothesis watches this one's state.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("service", SERVICES)
def test_answers_are_as_documented(county: County, service: str) -> None:
    """Whatever is sent, a service answers without a fault of its own, with documented statuses, types and bodies."""
    schema = schemathesis.openapi.from_url(f"{county.url}/{service}/openapi.json", config=Config())
    schema.validate()
    with requests.Session() as http:
        fuzz = Fuzz(county, service, Seeds(copy.deepcopy(county.seeds.known)), http)
        for found in schema.exclude(path_regex=LEFT_OUT).get_all_operations():
            assert isinstance(found, Ok), found
            fuzz.explore(found.ok())
    assert not fuzz.failures, "\n\n".join(fuzz.failures.values())
    shut_out = [label for label, statuses in fuzz.answered.items() if statuses <= {401, 403}]
    assert not shut_out, "no request came past the permission"
