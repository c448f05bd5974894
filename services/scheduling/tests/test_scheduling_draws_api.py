"""Draws over HTTP: frozen files, secrets, the job, repetition, substitutes, joint draws."""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import delete, select

from wurao.common.auth import Principal, Role
from wurao.common.contracts.registry import ConflictDeclared
from wurao.common.contracts.scheduling import DrawHeld
from wurao.common.platform import JobRow
from wurao.local.plugin import Storage
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.repository import draws as repository
from wurao.scheduling.repository import recusals
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Draw, Task
from wurao.scheduling.usecases import drawing
from wurao.scheduling.usecases import draws as usecases

ITEM = "330802-market-random"
VERIFIER = Path(__file__).parents[3] / "tests/draw_replay/verifier.py"
SECRETS = ("a" * 32, "b" * 32)


def body(plan_id: str, make: Any, **changes: Any) -> dict[str, Any]:
    """A draw of March."""
    wanted = {"plan_id": plan_id, "item_ids": [ITEM], "commitment": make.committed(SECRETS[0])}
    return wanted | {"earliest": "2026-03-02", "latest": "2026-03-31"} | changes


async def files_of(w: Any, draw_id: str) -> tuple[dict[str, bytes], bytes]:
    """The four frozen files and the result, as anyone may download them."""
    found = {}
    for name in (*rules.FILES, rules.DRAW):
        answer = await w.client.get(f"/v1/public/draws/{draw_id}/files/{name}")
        assert answer.status_code == 200, answer.text
        found[name] = answer.content
    return found, found.pop(rules.DRAW)


def differences(files: dict[str, bytes], result: bytes) -> str:
    """What the stranger's verifier says of downloaded files."""
    with TemporaryDirectory() as folder:
        for name, raw in {**files, rules.DRAW: result}.items():
            (Path(folder) / name).write_bytes(raw)
        run = subprocess.run([sys.executable, "-I", VERIFIER, folder], capture_output=True, text=True, check=False)
    return run.stdout.strip() + run.stderr


async def frozen(w: Any, make: Any, **changes: Any) -> dict[str, Any]:
    """A draw frozen by the market agency, with the supervision body's commitment."""
    plan_id = changes.pop("plan_id", None) or await w.plan()
    answer = await w.post("/v1/draws", body(plan_id, make, **changes))
    assert answer.status_code == 201, answer.text
    witness = w.who(Role.SUPERVISOR, None)
    draw: dict[str, Any] = answer.json()
    commitment = {"commitment": make.committed(SECRETS[1])}
    answer = await w.post(f"/v1/draws/{draw['draw_id']}/commitments", commitment, by=witness)
    assert answer.status_code == 200, answer.text
    return draw


async def revealed(w: Any, draw_id: str, **more: Any) -> Any:
    """The proof of a draw whose two secrets are out."""
    path, witness = f"/v1/draws/{draw_id}/reveals", w.who(Role.SUPERVISOR, None)
    assert (await w.post(path, {"secret": SECRETS[0]})).status_code == 200
    answer = await w.post(path, {"secret": SECRETS[1], **more}, by=witness)
    assert answer.status_code == 200, answer.text
    return await w.held(answer.json())


@pytest.mark.clause("YZ-02")
async def test_files_are_public_and_fixed_before_any_secret(world: Any, make: Any) -> None:
    """From the freeze on anyone reads pool, officers, conflicts and rule; no seed and no result is there yet."""
    away = ConflictDeclared(
        conflict_id="c1",
        officer_id="330802-market-o1",
        enterprise_id=make.E1,
        agency_id=make.MARKET,
        kind="relative",
        since=date(2026, 1, 1),
        until=None,
        version=1,
    )
    gone = make.officer(make.MARKET, 4, valid_to=date(2026, 3, 15))
    async with world("yongzhou", away, gone) as w:
        draw = await frozen(w, make)
        path = f"/v1/public/draws/{draw['draw_id']}"
        assert (await w.client.get(f"{path}/files/draw.json")).status_code == 404
        shown = (await w.client.get(path)).json()
        assert (shown["state"], shown["seed"], shown["tickets"]) == ("frozen", None, [])
        texts = {}
        for name, digest in draw["digests"].items():
            answer = await w.client.get(f"{path}/files/{name}")
            assert sha256(answer.content).hexdigest() == digest
            texts[name] = answer.text.splitlines()
        assert texts["pool.csv"][0] == "enterprise_id,stratum"
        assert [line.split(",")[0] for line in texts["pool.csv"][1:]] == sorted([make.E1, make.E2, make.E3])
        assert [line.split(",")[:2] for line in texts["officers.csv"][1:]] == [
            [f"330802-market-o{n}", make.MARKET] for n in (1, 2, 3)
        ]
        assert texts["conflicts.csv"] == ["enterprise_id,officer_id", f"{make.E1},330802-market-o1"]


@pytest.mark.clause("YZ-02")
async def test_a_stranger_replays_a_draw_held_over_http(world: Any, make: Any) -> None:
    """From public downloads alone seed, ranks, officers and refusals follow; the drawn enterprises get their tasks."""
    graded = [make.graded(make.E1, "good", 500), make.graded(make.E2, "good", 500), make.graded(make.E3, "poor", 1000)]
    async with world("yongzhou", *graded) as w:
        draw = await frozen(w, make, max_visits=1)
        proof = await revealed(w, draw["draw_id"])
        files, result = await files_of(w, draw["draw_id"])
        assert differences(files, result) == "ok"
        assert not rules.verify(files, result, seed=proof["seed"]).faults
        assert all(sha256(p["secret"].encode()).hexdigest() == p["commitment"] for p in proof["parties"])
        parts = sorted(p["secret"] for p in proof["parties"]) + [sha256(raw).hexdigest() for raw in files.values()]
        assert proof["seed"] == sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
        claimed = json.loads(result)
        shown = {ticket["enterprise_id"]: ticket for ticket in proof["tickets"]}
        assert [one["enterprise_id"] for one in claimed["drawn"]] == list(shown)
        for one in claimed["drawn"]:
            own = shown[one["enterprise_id"]]
            assert (own["rank"], own["ticket"], own["officers"]) == (one["rank"], one["ticket"], one["officers"])
            assert own["unsent"] == one["refused"]
        assert [len(one["refused"]) for one in claimed["drawn"]] == [0, 1]
        tasks = (await w.get("/v1/tasks"))["items"]
        assert {task["enterprise_id"] for task in tasks} == set(shown) >= {make.E3}
        assert {(task["origin"], task["draw_id"]) for task in tasks} == {("draw", draw["draw_id"])}
        event = await w.harness.recorder.wait_for(DrawHeld)
        assert (event.drawn, event.pool_size, event.seed) == (2, 3, proof["seed"])


@pytest.mark.clause("YZ-02")
async def test_a_draw_carries_no_items_but_its_own(world: Any, make: Any) -> None:
    """An enterprise drawn for one item is not drawn for the others of the plan."""
    async with world("quzhou", *all_drawn(make)) as w:
        plan_id = await w.plan()
        await w.draw(plan_id, [f"{make.MARKET}-random"])
        wish = {"origin": "draw", "plan_id": plan_id, "ground": None}
        refused = await w.task(item_ids=[f"{make.MARKET}-special"], **wish)
        assert "draw.no_ground" in {refusal["code"] for refusal in refused.json()["refusals"]}


@pytest.mark.clause("YZ-02")
async def test_one_draw_gives_one_inspection(world: Any, make: Any) -> None:
    """Nobody comes twice on one draw; where its task was cancelled another may be made, and its visit approved."""
    async with world("quzhou", *all_drawn(make)) as w:
        plan_id = await w.plan()
        await w.draw(plan_id, [f"{make.MARKET}-random"])
        wish = {"origin": "draw", "plan_id": plan_id, "ground": None, "item_ids": [f"{make.MARKET}-random"]}
        refused = await w.task(**wish)
        assert refused.json()["code"] == "draw.no_ground"
        assert "同一次抽查" in refused.json()["detail"]
        [born] = [task for task in (await w.get("/v1/tasks"))["items"] if task["enterprise_id"] == make.E1]
        await w.post(f"/v1/tasks/{born['task_id']}/cancel", {"reason": "计划调整"})
        again = await w.accepted(**wish)
        assert (await w.task(**wish)).json()["code"] == "draw.no_ground"
        await w.merge()
        [visit] = await w.visits(state="proposed", enterprise_id=make.E1)
        approved = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert approved.status_code == 200, approved.text
        assert (await w.get(f"/v1/tasks/{again['task_id']}"))["visit_id"] == visit["visit_id"]


async def test_who_went_last_is_not_drawn_for_the_same_enterprise(world: Any, make: Any) -> None:
    """The officers of an enterprise's last visit stand among the conflicts of the next draw."""
    async with world("quzhou", *all_drawn(make)) as w:
        visit = await w.approved(method="on_site")
        await w.harness.deliver(make.finished([f"{make.MARKET}-special"], visit_id=visit["visit_id"]))
        draw = await frozen(w, make, earliest="2026-04-01", latest="2026-04-30")
        answer = await w.client.get(f"/v1/public/draws/{draw['draw_id']}/files/conflicts.csv")
        went = sorted(f"{make.E1},{officer['officer_id']}" for officer in visit["officers"])
        assert answer.text.splitlines()[1:] == went
        proof = await revealed(w, draw["draw_id"])
        own = next(ticket for ticket in proof["tickets"] if ticket["enterprise_id"] == make.E1)
        sent = {officer for officers in own["officers"].values() for officer in officers}
        assert not sent & {officer["officer_id"] for officer in visit["officers"]}
        async with w.harness.service.db.read() as session:
            policy = await Policies(session, date(2026, 4, 1)).of(make.COUNTY)
            away = await recusals.not_drawn(session, [make.E1, make.E2], policy)
        assert {one.officer_id for one in away[make.E1]} == {officer["officer_id"] for officer in visit["officers"]}
        assert make.E2 not in away


@pytest.mark.clause("LX-08")
async def test_joint_draw_draws_one_target_set_for_several_agencies(world: Any, make: Any) -> None:
    """One pool and one seed give targets, each with officers and tasks of every department concerned."""
    other = make.item(make.FIRE, "random", industries=("C",), version=2)
    factory = make.enterprise("91330802MA28F00055", industry="C1391")
    async with world("linxia", other, factory) as w:
        items = [ITEM, "330802-fire-either", "330802-fire-random"]
        plan_id = await w.plan(items, kind="joint")
        draw = await frozen(w, make, plan_id=plan_id, item_ids=items)
        assert draw["agencies"] == [make.FIRE, make.MARKET]
        third = w.who(Role.PLANNER, make.FIRE)
        path = f"/v1/draws/{draw['draw_id']}"
        commitment = {"commitment": make.committed("c" * 32)}
        assert (await w.post(f"{path}/commitments", commitment, by=third)).status_code == 200
        outsider = w.who(Role.PLANNER, make.CITY)
        commitment = {"commitment": make.committed("d" * 32)}
        assert (await w.post(f"{path}/commitments", commitment, by=outsider)).status_code == 403
        assert (await w.post(f"{path}/reveals", {"secret": "c" * 32}, by=third)).status_code == 200
        proof = await revealed(w, draw["draw_id"])
        assert [party["role"] for party in proof["parties"]].count("agency") == 2
        for ticket in proof["tickets"]:
            assert set(ticket["officers"]) == {make.FIRE, make.MARKET}
            assert all(len(sent) == draw["officers_per_visit"] for sent in ticket["officers"].values())
        files, result = await files_of(w, draw["draw_id"])
        assert differences(files, result) == "ok"
        tasks = (await w.get("/v1/tasks?limit=200", by=w.who(Role.SUPERVISOR, None)))["items"]
        for ticket in proof["tickets"]:
            own = {task["agency_id"] for task in tasks if task["enterprise_id"] == ticket["enterprise_id"]}
            assert own == {make.FIRE, make.MARKET}


async def test_outside_randomness_is_named_before_and_told_after(world: Any, make: Any) -> None:
    """The source is fixed at the freeze, the value comes with the supervisor's secret and enters the seed."""
    async with world("quzhou") as w:
        outside = {"source": "福彩双色球第2026001期开奖号码", "on": "2026-01-05"}
        draw = await frozen(w, make, outside=outside)
        path, witness = f"/v1/draws/{draw['draw_id']}/reveals", w.who(Role.SUPERVISOR, None)
        missing = await w.post(path, {"secret": SECRETS[1]}, by=witness)
        assert (missing.status_code, missing.json()["code"]) == (422, "draw.outside_missing")
        proof = await revealed(w, draw["draw_id"], outside_value="05-11-19-22-28-31+07")
        parts = [*SECRETS, "05-11-19-22-28-31+07", *(proof["digests"][name] for name in rules.FILES)]
        assert proof["seed"] == sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
        assert (proof["outside_source"], proof["outside_value"]) == (outside["source"], "05-11-19-22-28-31+07")


async def test_a_draw_that_repeats_another_names_it_and_says_why(world: Any, make: Any) -> None:
    """Nobody draws again until it suits him: the repetition is refused unless named, and both draws stay public."""
    async with world("quzhou") as w:
        plan_id = await w.plan()
        beside = await frozen(w, make, plan_id=plan_id)
        draw = await frozen(w, make, plan_id=plan_id)
        await revealed(w, draw["draw_id"])
        silent = await w.post("/v1/draws", body(plan_id, make))
        assert (silent.status_code, silent.json()["code"]) == (409, "draw.repetition_unnamed")
        assert draw["draw_id"] in silent.json()["alternatives"][0]
        late = await w.post(f"/v1/draws/{beside['draw_id']}/reveals", {"secret": SECRETS[0]})
        assert (late.status_code, late.json()["code"]) == (409, "draw.repetition_unnamed")
        wrong = await w.post("/v1/draws", body(plan_id, make, repeats="other", repeat_reason="名单有误"))
        assert (wrong.status_code, wrong.json()["code"]) == (409, "draw.repeats_other")
        again = await frozen(w, make, plan_id=plan_id, repeats=draw["draw_id"], repeat_reason="名单有误，重新抽取")
        await revealed(w, again["draw_id"])
        listed = (await w.client.get(f"/v1/public/draws?plan_id={plan_id}")).json()["items"]
        assert [one["state"] for one in listed] == ["frozen", "held", "held"]
        assert [one["repeats"] for one in listed] == [None, None, draw["draw_id"]]
        assert listed[2]["repeat_reason"] == "名单有误，重新抽取"


async def test_the_next_ticket_stands_in_for_who_cannot_be_inspected(world: Any, make: Any) -> None:
    """A substitute comes by rank with a reason, its officers and tasks; the proof keeps both and replays."""
    graded = [make.graded(one, "good", 300) for one in (make.E1, make.E2, make.E3)]
    async with world("yongzhou", *graded) as w:
        draw = await frozen(w, make)
        [gone] = (await revealed(w, draw["draw_id"]))["tickets"]
        path, head = f"/v1/draws/{draw['draw_id']}/substitutes", w.who(Role.HEAD)
        wanted = {"enterprise_id": gone["enterprise_id"], "reason": "已注销"}
        assert (await w.post(path, wanted)).status_code == 403
        assert (await w.post(path, wanted, by=w.who(Role.HEAD, make.FIRE))).status_code == 403
        answer = await w.post(path, wanted, by=head)
        assert answer.status_code == 200, answer.text
        first, second = answer.json()["tickets"]
        assert (first["replaced_by"], second["replaces"]) == (second["enterprise_id"], gone["enterprise_id"])
        assert (second["rank"], second["reason"], len(second["tasks"])) == (2, "已注销", 1)
        again = await w.post(path, wanted, by=head)
        assert (again.status_code, again.json()["code"]) == (409, "draw.replaced")
        tasks = {task["enterprise_id"]: task for task in (await w.get("/v1/tasks"))["items"]}
        assert tasks[gone["enterprise_id"]]["state"] == "cancelled"
        assert tasks[second["enterprise_id"]]["state"] == "open"
        files, result = await files_of(w, draw["draw_id"])
        assert differences(files, result) == "ok"
        assert not rules.verify(files, result).faults
        await w.merge()
        inspected = await w.post(path, {"enterprise_id": second["enterprise_id"], "reason": "停业"}, by=head)
        assert (inspected.status_code, inspected.json()["code"]) == (409, "draw.inspected")
        nobody = await w.post(path, {"enterprise_id": "91330802MA28F00099", "reason": "停业"}, by=head)
        assert nobody.status_code == 404


async def test_the_last_of_a_stratum_has_nobody_behind_it(world: Any, make: Any) -> None:
    """Where all were drawn there is no substitute, and nothing changes."""
    async with world("yongzhou", make.graded(make.E1, "poor", 1000)) as w:
        draw = await frozen(w, make)
        await revealed(w, draw["draw_id"])
        wanted = {"enterprise_id": make.E1, "reason": "已注销"}
        answer = await w.post(f"/v1/draws/{draw['draw_id']}/substitutes", wanted, by=w.who(Role.HEAD))
        assert (answer.status_code, answer.json()["code"]) == (409, "draw.no_substitute")
        task = next(task for task in (await w.get("/v1/tasks"))["items"] if task["enterprise_id"] == make.E1)
        assert task["state"] == "open"


async def test_a_pool_without_enterprises_or_officers_is_not_frozen(world: Any, make: Any) -> None:
    """A draw in which nobody stands is refused, and says which list would be empty."""
    nobody = make.item(make.MARKET, "random", industries=("Z",), version=2)
    async with world("quzhou", nobody) as w:
        answer = await w.post("/v1/draws", body(await w.plan(), make))
        assert (answer.status_code, answer.json()["code"]) == (409, "draw.nothing_to_draw")
        assert "企业" in answer.json()["detail"]
        assert (await w.client.get("/v1/public/draws")).json()["items"] == []
        late = body(await w.plan(agency_id=make.FIRE), make, item_ids=["330802-fire-random"])
        gone = [make.officer(make.FIRE, n, valid_to=date(2026, 3, 1), version=2) for n in (1, 2, 3)]
        await w.harness.deliver(*gone)
        answer = await w.post("/v1/draws", late, by=w.who(Role.PLANNER, make.FIRE))
        assert (answer.status_code, answer.json()["code"]) == (409, "draw.nothing_to_draw")
        assert "执法人员" in answer.json()["detail"]


class Killed(Exception):
    """The process died here."""


@dataclass
class Mortal:
    """Progress that dies at the n-th report."""

    db: Any
    dies_at: int
    reports: list[tuple[int, int]] = field(default_factory=list)

    async def report(self, done: int, total: int, note: str = "") -> None:
        """Die in time."""
        self.reports.append((done, total))
        if len(self.reports) == self.dies_at:
            raise Killed


async def drawn_and_left(w: Any, draw_id: str) -> None:
    """Fix the seed of a draw, and take its job away from the service's own runner."""
    async with w.harness.service.db.write() as session:
        draw = await repository.get(session, draw_id)
        for role, secret in ((Role.PLANNER, SECRETS[0]), (Role.SUPERVISOR, SECRETS[1])):
            agency_id = "330802-market" if role is Role.PLANNER else None
            who = Principal(f"{role}-{agency_id}", frozenset({role}))
            draw = await usecases.reveal(session, draw, who, secret, None, w.harness.clock.now(), date(2026, 1, 5))
        await session.execute(delete(JobRow).where(JobRow.job_id == draw.job_id))


def all_drawn(make: Any) -> list[Any]:
    """Grades at which every enterprise is drawn."""
    return [make.graded(one, "good", 1000) for one in (make.E1, make.E2, make.E3)]


async def test_a_draw_resumes_after_a_crash_at_any_step(world: Any, make: Any) -> None:
    """Wherever it dies, the next run goes on: nothing is drawn, created or announced twice, nothing is lost."""
    async with world("quzhou", *all_drawn(make)) as w:
        draw = await frozen(w, make)
        await drawn_and_left(w, draw["draw_id"])
        db, clock = w.harness.service.db, w.harness.clock
        for dies_at in (1, 2, 2, 2, 2):
            with pytest.raises(Killed):
                await drawing.perform(db, draw["draw_id"], Mortal(db, dies_at), clock, batch=1)  # type: ignore[arg-type]
        for _ in range(2):
            await drawing.perform(db, draw["draw_id"], Mortal(db, 99), clock, batch=1)  # type: ignore[arg-type]
        proof = (await w.client.get(f"/v1/public/draws/{draw['draw_id']}")).json()
        assert proof["state"] == "held"
        tasks = (await w.get("/v1/tasks"))["items"]
        assert sorted(task["task_id"] for task in tasks) == sorted(t for one in proof["tickets"] for t in one["tasks"])
        assert len(tasks) == len(proof["tickets"]) == 3
        await w.harness.recorder.wait_for(DrawHeld)
        assert len(w.harness.recorder.of(DrawHeld)) == 1


@pytest.mark.postgres
async def test_two_runners_at_once_create_no_task_twice(world: Any, make: Any, storage: Storage) -> None:
    """A second runner that takes the job over while the first still works changes nothing."""
    async with world("quzhou", *all_drawn(make), storage=storage) as w:
        draw = await frozen(w, make)
        await drawn_and_left(w, draw["draw_id"])
        db, clock = w.harness.service.db, w.harness.clock
        runs = (drawing.perform(db, draw["draw_id"], Mortal(db, 99), clock, batch=1) for _ in range(3))  # type: ignore[arg-type]
        results = await asyncio.gather(*runs)
        assert results[0] == results[1] == results[2]
        async with db.read() as session:
            tasks = (await session.scalars(select(Task))).all()
            held = await session.get(Draw, draw["draw_id"])
        assert held is not None
        assert held.state == "held"
        assert sorted(task.enterprise_id for task in tasks) == [make.E1, make.E2, make.E3]


@pytest.mark.postgres
async def test_two_last_secrets_at_once_fix_one_seed(world: Any, make: Any, storage: Storage) -> None:
    """Both parties reveal in the same moment: one job draws, and the seed holds both secrets."""
    async with world("quzhou", storage=storage) as w:
        draw = await frozen(w, make)
        path = f"/v1/draws/{draw['draw_id']}/reveals"
        both = await asyncio.gather(
            w.post(path, {"secret": SECRETS[0]}),
            w.post(path, {"secret": SECRETS[1]}, by=w.who(Role.SUPERVISOR, None)),
        )
        assert [answer.status_code for answer in both] == [200, 200]
        async with w.harness.service.db.read() as session:
            jobs = (await session.scalars(select(JobRow).where(JobRow.kind == drawing.KIND))).all()
        assert len(jobs) == 1
        await w.harness.recorder.wait_for(DrawHeld)
        files, result = await files_of(w, draw["draw_id"])
        assert differences(files, result) == "ok"
