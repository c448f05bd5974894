"""A service on both databases: the outbox carries what was committed, the inbox lets each effect happen once."""

from pathlib import Path

from wurao.common.auth import Role
from wurao.common.contracts.registry import AgencyPublished
from wurao.common.testing import running
from wurao.local.plugin import Storage
from wurao.registry.app import build

ROWS = (
    "agency_id,name,kind,level,area,line,parent_id,authority,procedure,remedies,phone\n"
    "330802-market,柯城区市场监督管理局,organ,county,330802,market,,《食品安全法》第六条,立案,复议,0570\n"
)


async def test_committed_change_reaches_the_bus(tmp_path: Path, storage: Storage) -> None:
    """An event of a committed change arrives on the bus and its outbox row is gone."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        platform = harness.headers(Role.PLATFORM, area="330802")
        await harness.client.post("/v1/agencies/import", content=ROWS, headers=platform)
        answer = await harness.client.post("/v1/agencies/330802-market/publish", headers=platform)
        assert answer.status_code == 200, answer.text
        event = await harness.recorder.wait_for(AgencyPublished)
        assert event.agency_id == "330802-market"
