"""Calendars of agencies and enterprises, as JSON, as iCalendar and under private addresses."""

from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from wurao.common.auth import Role

E1, E2 = "91330802MA28F00011", "91330802MA28F00022"


def enterprise(w: Any, enterprise_id: str = E1) -> dict[str, str]:
    """An enterprise's own caller."""
    found: dict[str, str] = w.harness.headers(
        Role.ENTERPRISE, subject=enterprise_id, enterprise_id=enterprise_id, area="330802"
    )
    return found


def events(content: bytes) -> list[Any]:
    """The events of an iCalendar file, parsed."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


async def test_calendar_follows_a_visit_from_proposal_to_cancellation(world: Any) -> None:
    """The agency sees it tentative, confirmed, moved and cancelled under one UID; each time with a higher SEQUENCE."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        seen: list[tuple[str, int, datetime]] = []

        async def look() -> None:
            path = "/v1/agencies/330802-market/calendar.ics"
            answer = await w.client.get(path, headers=w.who(Role.OFFICER))
            assert answer.headers["content-type"].startswith("text/calendar")
            [event] = events(answer.content)
            assert str(event["UID"]) == visit["visit_id"]
            assert "餐饮11有限公司" in str(event["SUMMARY"])
            seen.append((str(event["STATUS"]), int(event["SEQUENCE"]), event.decoded("DTSTART")))

        await look()
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        await look()
        day = "2026-03-27" if visit["day"] != "2026-03-27" else "2026-03-26"
        moved = await w.changed(answer.json(), "reschedule", {"date": day, "reason": "企业停产检修"})
        await look()
        await w.changed(moved, "cancel", {"reason": "企业停业"})
        await look()
        assert [status for status, _, _ in seen] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert [number for _, number, _ in seen] == sorted({number for _, number, _ in seen})
        assert seen[2][2] == datetime.fromisoformat(moved["window"]["opens"]).astimezone(UTC)


async def test_enterprise_sees_what_comes_with_its_rights_and_nothing_internal(world: Any) -> None:
    """A proposed visit is not shown; an approved one with agencies, items and rights, without officers' names."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        path = f"/v1/enterprises/{E1}/calendar"
        assert (await w.get(path, by=enterprise(w)))["entries"] == []
        approved = (await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))).json()
        calendar = await w.get(path, by=enterprise(w))
        [entry] = calendar["entries"]
        assert (entry["status"], entry["items"]) == ("confirmed", ["330802-market-special检查"])
        assert (entry["officers"], entry["officer_count"], entry["lead_agency"]) == ([], 2, "330802-market局")
        assert any("拒绝检查" in right["text"] and right["cite"] for right in calendar["rights"])
        [event] = events((await w.client.get(f"{path}.ics", headers=enterprise(w))).content)
        text = str(event["DESCRIPTION"])
        assert "您的权利" in text
        assert not any(officer["name"] in text for officer in approved["officers"])
        await w.changed(approved, "cancel", {"reason": "企业停业"})
        assert [one["status"] for one in (await w.get(path, by=enterprise(w)))["entries"]] == ["cancelled"]


async def test_calendars_are_ones_own(world: Any, make: Any) -> None:
    """Another enterprise, another agency and an agency asking for an enterprise get none; the supervisor gets all."""
    async with world("quzhou") as w:
        await w.approved()
        own, agency = f"/v1/enterprises/{E1}/calendar", "/v1/agencies/330802-market/calendar"
        for path, by, status in (
            (own, enterprise(w, E2), 403),
            (own, w.who(Role.PLANNER), 403),
            (own, w.who(Role.SUPERVISOR, None), 200),
            (agency, enterprise(w), 403),
            (agency, w.who(Role.PLANNER, make.FIRE), 403),
            (agency, w.who(Role.SUPERVISOR, None), 200),
            ("/v1/agencies/nobody/calendar", w.who(Role.PLANNER), 404),
            (f"{agency}?from=2026-03-02&to=2026-03-01", w.who(Role.PLANNER), 422),
            (f"{agency}?from=2026-01-01&to=2028-01-01", w.who(Role.PLANNER), 422),
        ):
            answer = await w.client.get(path, headers=by)
            assert answer.status_code == status, (path, answer.text)
        assert (await w.get(f"{agency}?from=2026-05-01&to=2026-05-31"))["entries"] == []


async def test_private_address_works_without_login_until_it_is_revoked(world: Any) -> None:
    """Only the owner makes and closes one; the secret stands nowhere but in the answer that made it."""
    async with world("quzhou") as w:
        visit = await w.approved()
        body = {"enterprise_id": E1}
        assert (await w.post("/v1/calendar-links", body, by=enterprise(w, E2))).status_code == 403
        assert (await w.post("/v1/calendar-links", {}, by=enterprise(w))).status_code == 422
        made = await w.post("/v1/calendar-links", body, by=enterprise(w))
        assert made.status_code == 201, made.text
        path = made.json()["path"]
        [event] = events((await w.client.get(path)).content)
        assert str(event["UID"]) == visit["visit_id"]
        revoke = f"/v1/calendar-links/{made.json()['link_id']}/revoke"
        assert (await w.post(revoke, by=enterprise(w, E2))).status_code == 403
        closed = await w.post(revoke, by=enterprise(w))
        assert (closed.status_code, closed.json()["path"]) == (200, None)
        assert (await w.client.get(path)).status_code == 404
        assert (await w.client.get("/v1/public/calendars/guess.ics")).status_code == 404
