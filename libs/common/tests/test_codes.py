"""Signed codes."""

import json
import stat
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from wurao.common import qr
from wurao.common.codes import (
    ACTION,
    ENTERPRISE,
    ActionClaims,
    EnterpriseClaims,
    InvalidCode,
    KeyRing,
    Verifier,
    items_digest,
)
from wurao.common.ids import new_id

NOW = datetime(2026, 3, 2, 1, 0, 0, 999_999, tzinfo=UTC)
IAT = int(NOW.timestamp())
RING = KeyRing.generate(NOW)
PRIVATE = RING._keys[0]


def action(size: tuple[int, int, int] = (2, 4, 5), **changed: Any) -> ActionClaims:
    """Claims of a visit of so many agencies, officers and items."""
    agencies, officers, items = size
    said: dict[str, Any] = {
        "jti": new_id(),
        "visit_id": new_id(),
        "enterprise_id": new_id(),
        "premises_id": new_id(),
        "agencies": tuple(new_id() for _ in range(agencies)),
        "officers": tuple(new_id() for _ in range(officers)),
        "items_digest": items_digest(new_id() for _ in range(items)),
        "nbf": IAT + 3_600,
        "exp": IAT + 30_000,
        "iat": IAT,
    }
    return ActionClaims.model_validate(said | changed)


def header(token: str) -> dict[str, Any]:
    """The header of a token."""
    part = token.partition(".")[0]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def reason(token: str, typ: str = ACTION, ring: KeyRing = RING) -> str:
    """Why a code is refused."""
    with pytest.raises(InvalidCode) as caught:
        Verifier(ring.public()).verify(token, typ=typ)
    assert caught.value.code == f"code_{caught.value.reason}"
    return caught.value.reason


@pytest.mark.parametrize("claims", [action(), action((0, 0, 0)), action(premises_id=None)])
def test_an_action_code_says_what_was_signed(claims: ActionClaims) -> None:
    """The claims of a verified action code equal the claims that were signed."""
    assert ActionClaims.from_token(Verifier(RING.public()), claims.to_token(RING)) == claims


NAMES = st.one_of(st.uuids().map(str), st.uuids().map(lambda made: str(made).upper()), st.text(min_size=1))


@given(names=st.lists(NAMES, max_size=5), name=NAMES)
def test_any_id_survives_the_packing(names: list[str], name: str) -> None:
    """Ids that are no canonical UUIDs come back letter for letter, alone and among UUIDs."""
    claims = action(visit_id=name[:200], officers=tuple(text[:200] for text in names))
    assert ActionClaims.from_token(Verifier(RING.public()), claims.to_token(RING)) == claims


def test_an_enterprise_code_says_what_was_signed() -> None:
    """The claims of a verified enterprise code equal the claims that were signed."""
    claims = EnterpriseClaims(jti=new_id(), enterprise_id=new_id(), serial=3, iat=IAT)
    assert EnterpriseClaims.from_token(Verifier(RING.public()), claims.to_token(RING)) == claims


def test_the_header_names_algorithm_type_and_key() -> None:
    """A code carries the algorithm's name of RFC 9864, its type and the kid of a published key."""
    assert header(action().to_token(RING)) == {
        "alg": "Ed25519",
        "typ": "wurao-action+jwt",
        "kid": RING.public()[0]["kid"],
    }


def test_the_digest_covers_exactly_the_items() -> None:
    """Order and repetition do not matter; one item more or less does."""
    claims = action(items_digest=items_digest(["b", "a"]))
    assert claims.covers(["a", "b", "a"])
    assert not claims.covers(["a"])
    assert not claims.covers(["a", "b", "c"])


@pytest.mark.parametrize(("size", "version"), [((4, 8, 12), 23), ((2, 4, 5), 19), ((1, 2, 2), 18)])
def test_a_code_stays_small_enough_to_scan(size: tuple[int, int, int], version: int) -> None:
    """A large visit fits QR version 23, an ordinary one version 19."""
    assert int(qr.symbol(action(size).to_token(RING)).version) <= version


def signed(alg: str, key: Any = PRIVATE.key, payload: str = "{}", **more: str) -> str:
    """A token made by hand."""
    said = {"alg": alg, "typ": ACTION, "kid": PRIVATE.kid} | more
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jws.serialize_compact(said, payload, key, algorithms=[alg])


def test_the_older_algorithm_name_verifies_without_a_warning() -> None:
    """A code that says `EdDSA` verifies, and no warning reaches the caller."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Verifier(RING.public()).verify(signed("EdDSA", payload='{"a":1}'), typ=ACTION) == {"a": 1}


def test_a_key_that_was_not_published_is_unknown() -> None:
    """A code of another ring is refused for its key."""
    assert reason(action().to_token(KeyRing.generate(NOW))) == "unknown_key"


def test_a_code_of_another_type_is_refused() -> None:
    """An enterprise code is no action code."""
    claims = EnterpriseClaims(jti=new_id(), enterprise_id=new_id(), serial=1, iat=IAT)
    assert reason(claims.to_token(RING)) == "wrong_type"
    assert reason(action().to_token(RING), typ=ENTERPRISE) == "wrong_type"


def test_a_changed_claim_breaks_the_signature() -> None:
    """A payload under another code's signature is refused, and so is another key under a known kid."""
    first, second = action().to_token(RING).split("."), action().to_token(RING).split(".")
    assert reason(".".join([first[0], second[1], first[2]])) == "bad_signature"
    assert reason(signed("Ed25519", OKPKey.generate_key("Ed25519"))) == "bad_signature"


@given(at=st.integers(0, 10_000), put=st.sampled_from("AZaz09-_."))
def test_no_altered_character_goes_unnoticed(at: int, put: str) -> None:
    """Whatever single character is altered, the code no longer verifies."""
    token = TOKEN[: at % len(TOKEN)] + put + TOKEN[at % len(TOKEN) + 1 :]
    if token != TOKEN:
        with pytest.raises(InvalidCode):
            Verifier(RING.public()).verify(token, typ=ACTION)


TOKEN = action().to_token(RING)


def bare(document: object) -> str:
    """A header segment."""
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "码",
        "a.b",
        "a.b.c",
        "\ud800.b.c",
        f"{bare([1])}.e30.AA",
        f"{bare({'typ': ACTION})}.e30.AA",
        f"{bare({'alg': 'none', 'typ': ACTION, 'kid': PRIVATE.kid})}.e30.",
        f"{bare({'alg': ['Ed25519'], 'typ': ACTION})}.e30.AA",
        f"{bare({'alg': 'Ed25519', 'typ': ACTION, 'kid': 7})}.e30.AA",
        f"{bare({'alg': 'Ed25519', 'typ': ACTION, 'kid': PRIVATE.kid, 'crit': ['x'], 'x': 1})}.e30.AA",
        f"{'W' * 400}.e30.AA",
        signed("HS256", OctKey.import_key("s" * 32)),
        signed("Ed25519", payload="[]"),
        signed("Ed25519", payload="no"),
        TOKEN + "A" * 4_096,
    ],
    ids=[f"text{number}" for number in range(16)],
)
def test_what_is_no_code_is_malformed(token: str) -> None:
    """Other text, other algorithms and other payloads are refused as malformed."""
    assert reason(token) == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.pop("v"),
        lambda claims: claims.update(v=7),
        lambda claims: claims.update(v="short"),
        lambda claims: claims.update(o="AAAA"),
        lambda claims: claims.update(o=[7]),
        lambda claims: claims.update(exp=True),
        lambda claims: claims.update(nbf="1"),
        lambda claims: claims.update(p=None),
    ],
)
def test_genuine_claims_of_another_shape_are_malformed(change: Callable[[dict[str, Any]], object]) -> None:
    """A signed action code whose claims are not an action's is refused instead of crashing the door."""
    verifier = Verifier(RING.public())
    claims = verifier.verify(TOKEN, typ=ACTION)
    change(claims)
    with pytest.raises(InvalidCode) as caught:
        ActionClaims.from_token(verifier, RING.sign(ACTION, claims))
    assert caught.value.reason == "malformed"


def test_rotation_takes_effect_after_its_lead_and_old_codes_verify() -> None:
    """Before the lead has passed the old key signs, from then on the new one; both kinds verify."""
    ring = KeyRing.generate(NOW)
    old = ring.public()[0]["kid"]
    before = ring.sign(ACTION, {"iat": IAT})
    new = ring.rotate(NOW, timedelta(hours=1))
    meanwhile = ring.sign(ACTION, {"iat": IAT + 3_599})
    after = ring.sign(ACTION, {"iat": IAT + 3_600})
    verifier = Verifier(ring.public())
    assert [header(token)["kid"] for token in (before, meanwhile, after)] == [old, old, new]
    assert [verifier.verify(token, typ=ACTION)["iat"] - IAT for token in (before, after)] == [0, 3_600]


def test_no_key_signs_before_its_validity() -> None:
    """A ring whose keys are all valid later signs nothing."""
    with pytest.raises(LookupError):
        RING.sign(ACTION, {"iat": IAT - 1})


def test_published_keys_hold_no_secret() -> None:
    """A public JWK has no private part, and says key type, use and start of validity."""
    assert {name: value for name, value in RING.public()[0].items() if name != "x"} == {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": PRIVATE.key.thumbprint()[:8],
        "use": "sig",
        "alg": "Ed25519",
        "nbf": IAT,
    }


def test_a_saved_ring_signs_on(tmp_path: Path) -> None:
    """A loaded ring publishes and signs with the same keys; the file is its owner's only."""
    path = tmp_path / "keys.json"
    ring = KeyRing.generate(NOW)
    ring.save(path)
    ring.rotate(NOW)
    ring.save(path)
    loaded = KeyRing.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert loaded.public() == ring.public()
    assert loaded.sign(ACTION, {"iat": IAT}) == ring.sign(ACTION, {"iat": IAT})
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """When the file cannot be replaced, no private key stays behind under another name."""
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(OSError, match=r"keys\.json"):
        RING.save(tmp_path / "keys.json")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_ring_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A private key file with rights for group or others is not loaded."""
    RING.save(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(mode)
    with pytest.raises(PermissionError, match="owner only"):
        KeyRing.load(tmp_path / "keys.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys":[]}', '{"keys":[{"kty":"OKP"}]}'])
def test_a_damaged_ring_is_refused(tmp_path: Path, text: str) -> None:
    """A file that holds no keys raises ValueError that names the file."""
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ValueError, match=r"keys\.json"):
        KeyRing.load(path)


def test_a_verifier_learns_keys_one_by_one() -> None:
    """A key that arrives later is trusted from then on; adding it twice changes nothing."""
    verifier = Verifier()
    verifier.add(RING.public()[0])
    verifier.add(RING.public()[0])
    assert verifier.verify(TOKEN, typ=ACTION)["iat"] == IAT


def test_a_kid_cannot_be_taken_over() -> None:
    """A second key under a known kid is refused, and the first stays trusted."""
    verifier = Verifier(RING.public())
    other = KeyRing.generate(NOW).public()[0] | {"kid": RING.public()[0]["kid"]}
    with pytest.raises(ValueError, match="another key"):
        verifier.add(other)
    assert verifier.verify(TOKEN, typ=ACTION)["iat"] == IAT


@pytest.mark.parametrize("change", [{"kty": "RSA"}, {"crv": "X25519"}, {"x": "AA"}, {"x": None}, {"kid": 7}])
def test_what_is_no_ed25519_key_is_not_trusted(change: dict[str, Any]) -> None:
    """Other key types, damaged keys and kids that are no text raise ValueError."""
    with pytest.raises(ValueError, match="key"):
        Verifier([RING.public()[0] | change])
