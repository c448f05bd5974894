"""The embedded issuer over HTTP: what a token of a sample role says."""

from pathlib import Path

import httpx

from wurao.common.auth import Authenticator
from wurao.common.issuer import Issuer
from wurao.embedded.issuer_app import issuer_app, stored_secret

URL = "http://wurao.test/issuer"


async def test_token_names_the_recipient_whose_leads_it_reads(tmp_path: Path) -> None:
    """A body that receives leads beside discipline inspection gets a token for its own stream (DT-17, LX-16)."""
    issuer = Issuer.stored(tmp_path / "issuer.json", URL)
    app = issuer_app(issuer, tmp_path / "client-secret")
    form = {"client_id": "procuratorate", "client_secret": stored_secret(tmp_path / "client-secret")}
    claims = {"roles": "discipline", "area": "371703", "recipient": "procuratorate"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://wurao.test") as http:
        answer = await http.post("/token", data=form | claims)
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    who = await Authenticator(issuer.keys(), issuer=URL, audience=issuer.audience).principal(f"Bearer {token}")
    assert (who.area, who.recipient, set(who.roles)) == ("371703", "procuratorate", {"discipline"})
