"""The public pages: read by anybody, escaped, from nowhere else."""

import re

import pytest

from wurao.common.auth import Role
from wurao.common.testing import Harness

HOSTILE = "<script>alert(1)</script>市场监督管理局"


async def page(registry: Harness, path: str, status: int = 200) -> str:
    """A page's text."""
    answer = await registry.client.get(f"/public/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert not re.findall(r"(?:src|href|action)=\"(?!/)|@import|url\(", answer.text)
    return answer.text


@pytest.mark.clause("DT-01")
async def test_the_directory_lists_published_bodies_only(registry: Harness) -> None:
    """A published body stands on the page with its authority, one that is only confirmed does not; filters narrow."""
    text = await page(registry, "agencies")
    assert "柯城区市场监督管理局" in text
    assert "《食品安全法》第六条" in text
    assert "柯城区消防救援大队" not in text
    assert "市场监督管理局" in await page(registry, "agencies?area=330802&line=market&q=市场")
    assert "没有符合条件" in await page(registry, "agencies?area=&line=fire&q=")
    await page(registry, "agencies/fire", 404)
    assert "没有公布这个检查事项" in await page(registry, "items/unknown", 404)


async def test_what_agencies_write_is_escaped(registry: Harness) -> None:
    """A name that looks like markup is shown as text on every page."""
    headers = registry.headers(Role.PLATFORM, area="330802") | {"content-type": "text/csv"}
    header = "agency_id,name,kind,level,area,line,authority\n"
    row = f"market,{HOSTILE},organ,county,330802,market,《食品安全法》第六条\n"
    await registry.client.post("/v1/agencies/import", content=header + row, headers=headers)
    for path in ("agencies", "agencies/market", "agencies?q=%3Cscript%3E"):
        text = await page(registry, path)
        assert "&lt;script&gt;" in text
        assert "<script" not in text


async def test_a_long_directory_goes_on_behind_a_link(registry: Harness) -> None:
    """Fifty bodies a page by area and line; the link at its foot leads to the rest and keeps the filter."""
    headers = registry.headers(Role.PLATFORM, area="330802") | {"content-type": "text/csv"}
    header = "agency_id,name,kind,level,area,line,authority\n"
    rows = "".join(f"a{n:02d},第{n:02d}执法局,organ,county,330802,water,《水法》第四条\n" for n in range(52))
    await registry.client.post("/v1/agencies/import", content=header + rows, headers=headers)
    for number in range(52):
        await registry.client.post(f"/v1/agencies/a{number:02d}/publish", headers=headers)
    first = await page(registry, "agencies?line=water")
    [link] = re.findall(r'class="next" href="/public/([^"]+)"', first)
    second = await page(registry, link.replace("&amp;", "&"))
    shown = re.findall(r"第\d\d执法局", first) + re.findall(r"第\d\d执法局", second)
    assert shown == [f"第{n:02d}执法局" for n in range(52)]
