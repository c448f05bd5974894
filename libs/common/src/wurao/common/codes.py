"""Signed codes: compact JWS (RFC 7515) with Ed25519 (RFC 9864), verified offline with published keys.

A code becomes a QR code, so claims have short names and UUIDs travel as 16 packed bytes; the items
of a visit travel as one digest, which proves the list that the visit shows.
"""

import json
import os
import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field

from wurao.common.clock import aware
from wurao.common.errors import Malformed

ACTION = "wurao-action+jwt"
ENTERPRISE = "wurao-enterprise+jwt"
ALGORITHM: Final = "Ed25519"
MAX_LENGTH = 4_096

Reason = Literal["malformed", "unknown_key", "bad_signature", "wrong_type"]

MESSAGES: dict[Reason, str] = {
    "malformed": "码的内容无法识别",
    "unknown_key": "码的签发密钥未公布",
    "bad_signature": "码的签名无效",
    "wrong_type": "码的种类不符",
}


class InvalidCode(Malformed):
    """A code does not verify; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(MESSAGES[reason], code=f"code_{reason}")
        self.reason = reason


class _Registry(jws.JWSRegistry):
    """Only Ed25519, also under its older name: RFC 9864 §2.2 makes `EdDSA` with such a key the same."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg(ALGORITHM if name == "EdDSA" else name)


_REGISTRY = _Registry(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the instant from which it signs."""

    kid: str
    not_before: datetime
    key: OKPKey

    @classmethod
    def generate(cls, not_before: datetime) -> Self:
        """A new key, valid from the second in which the instant falls."""
        key = OKPKey.generate_key(ALGORITHM)
        return cls(key_id(key), aware(not_before).astimezone(UTC).replace(microsecond=0), key)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:
        """The key of a private JWK with `nbf`. Raises ValueError or KeyError."""
        key = OKPKey.import_key({"kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "d": jwk["d"]})
        return cls(key_id(key), datetime.fromtimestamp(jwk["nbf"], UTC), key)

    def jwk(self, *, private: bool) -> dict[str, Any]:
        """The key as a JWK (RFC 8037)."""
        said = {"kid": self.kid, "use": "sig", "alg": ALGORITHM, "nbf": int(self.not_before.timestamp())}
        return dict(self.key.as_dict(private=private)) | said


def key_id(key: OKPKey) -> str:
    """The first 8 characters of the key's thumbprint (RFC 7638): short, for the sake of the QR code."""
    return key.thumbprint()[:8]


class KeyRing:
    """The keys that sign: the newest valid one signs, older ones stay so that their codes verify."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        if not keys:
            raise ValueError("a key ring holds at least one key")
        self._keys = tuple(sorted(keys, key=lambda key: key.not_before))

    @classmethod
    def generate(cls, now: datetime) -> Self:
        """A ring with one new key, valid from now."""
        return cls([SigningKey.generate(now)])

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in a JWK set. Raises OSError, PermissionError if others can read it, ValueError if damaged."""
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise PermissionError(f"{path} holds private keys and must be readable by its owner only")
            document = file.read()
        try:
            return cls([SigningKey.from_jwk(jwk) for jwk in json.loads(document)["keys"]])
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not a set of Ed25519 keys") from error

    def save(self, path: Path) -> None:
        """Write the private JWK set with mode 0600: a reader sees the old file or the new one, whole."""
        document = json.dumps({"keys": [key.jwk(private=True) for key in self._keys]}, indent=1)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def rotate(self, now: datetime, lead: timedelta = timedelta(0)) -> str:
        """Add a key that signs from `now + lead`; verifiers learn it in the lead time. Returns its kid."""
        key = SigningKey.generate(now + lead)
        self._keys = tuple(sorted((*self._keys, key), key=lambda key: key.not_before))
        return key.kid

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A code with the newest key valid at `claims["iat"]` (epoch seconds). LookupError if none is."""
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        valid = [key for key in self._keys if key.not_before <= issued]
        if not valid:
            raise LookupError(f"no key of the ring is valid at {issued.isoformat()}")
        header = {"alg": ALGORITHM, "typ": typ, "kid": valid[-1].kid}
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
        return jws.serialize_compact(header, payload, valid[-1].key, registry=_REGISTRY)

    def public(self) -> list[dict[str, Any]]:
        """All public keys as JWKs, oldest first."""
        return [key.jwk(private=False) for key in self._keys]


class Verifier:
    """Verifies codes with public keys and nothing else: no network, no clock."""

    def __init__(self, jwks: Iterable[Mapping[str, Any]] = ()) -> None:
        self._keys: dict[str, OKPKey] = {}
        for jwk in jwks:
            self.add(jwk)

    def add(self, jwk: Mapping[str, Any]) -> None:
        """Trust a public key. ValueError if it is no Ed25519 key, or its kid stands for another key."""
        if jwk.get("kty") != "OKP" or jwk.get("crv") != ALGORITHM:
            raise ValueError("not an Ed25519 key")
        try:
            key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": jwk["x"]})
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ValueError("not an Ed25519 key") from error
        kid = jwk.get("kid") or key_id(key)
        if not isinstance(kid, str) or self._keys.setdefault(kid, key).thumbprint() != key.thumbprint():
            raise ValueError("the kid stands for another key")

    def verify(self, token: str, *, typ: str) -> dict[str, Any]:
        """The claims of a genuine code of this type. Raises InvalidCode; time windows are the caller's."""
        code = _parse(token)
        header = code.headers()
        if header.get("typ") != typ:
            raise InvalidCode("wrong_type")
        kid = header.get("kid")
        if kid not in self._keys:
            raise InvalidCode("unknown_key")
        if not jws.validate_compact(code, self._keys[kid], registry=_REGISTRY):
            raise InvalidCode("bad_signature")
        return _claims(code.payload)


def _parse(token: str) -> jws.CompactSignature:
    """The parts of a code whose header is well-formed."""
    try:
        if len(token) > MAX_LENGTH:
            raise InvalidCode("malformed")
        code = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        header = code.headers()
        _REGISTRY.check_header(header)
        _REGISTRY.get_alg(header["alg"])
    except (JoseError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise InvalidCode("malformed") from error
    return code


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except ValueError as error:
        raise InvalidCode("malformed") from error
    if not isinstance(claims, dict):
        raise InvalidCode("malformed")
    return claims


def items_digest(items: Iterable[str]) -> str:
    """22 characters that stand for a set of item ids: 128 bits of SHA-256, whatever the order."""
    listed = json.dumps(sorted(set(items)), separators=(",", ":"))
    return _base64url(sha256(listed.encode()).digest()[:16])


Seconds = Annotated[int, Field(strict=True, ge=0, le=253_402_300_799)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True)


class ActionClaims(_Claims):
    """What an action code says: who may enter where, when and for which items. Times in epoch seconds."""

    jti: Name
    visit_id: Name
    enterprise_id: Name
    premises_id: Name | None = None
    agencies: tuple[Name, ...]
    officers: tuple[Name, ...]
    items_digest: Name
    nbf: Seconds
    exp: Seconds
    iat: Seconds

    def covers(self, items: Iterable[str]) -> bool:
        """Tell whether these are exactly the items that the code was issued for."""
        return self.items_digest == items_digest(items)

    def to_token(self, ring: KeyRing) -> str:
        """The signed code. LookupError if the ring has no key valid at `iat`."""
        claims = {
            "jti": _pack(self.jti),
            "v": _pack(self.visit_id),
            "e": _pack(self.enterprise_id),
            "a": _pack_all(self.agencies),
            "o": _pack_all(self.officers),
            "i": self.items_digest,
            "nbf": self.nbf,
            "exp": self.exp,
            "iat": self.iat,
        }
        if self.premises_id is not None:
            claims["p"] = _pack(self.premises_id)
        return ring.sign(ACTION, claims)

    @classmethod
    def from_token(cls, verifier: Verifier, token: str) -> Self:
        """The claims of a genuine action code. Raises InvalidCode."""
        claims = verifier.verify(token, typ=ACTION)
        try:
            return cls(
                jti=_unpack(claims["jti"]),
                visit_id=_unpack(claims["v"]),
                enterprise_id=_unpack(claims["e"]),
                premises_id=_unpack(claims["p"]) if "p" in claims else None,
                agencies=_unpack_all(claims["a"]),
                officers=_unpack_all(claims["o"]),
                items_digest=claims["i"],
                nbf=claims["nbf"],
                exp=claims["exp"],
                iat=claims["iat"],
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidCode("malformed") from error


class EnterpriseClaims(_Claims):
    """What the static code at an enterprise's door says; a higher serial replaces a lower one."""

    jti: Name
    enterprise_id: Name
    serial: Annotated[int, Field(strict=True, ge=0)]
    iat: Seconds

    def to_token(self, ring: KeyRing) -> str:
        """The signed code. LookupError if the ring has no key valid at `iat`."""
        claims = {"jti": _pack(self.jti), "e": _pack(self.enterprise_id), "s": self.serial, "iat": self.iat}
        return ring.sign(ENTERPRISE, claims)

    @classmethod
    def from_token(cls, verifier: Verifier, token: str) -> Self:
        """The claims of a genuine enterprise code. Raises InvalidCode."""
        claims = verifier.verify(token, typ=ENTERPRISE)
        try:
            return cls(
                jti=_unpack(claims["jti"]),
                enterprise_id=_unpack(claims["e"]),
                serial=claims["s"],
                iat=claims["iat"],
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidCode("malformed") from error


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _uuid(text: str) -> bytes | None:
    """The 16 bytes of an id in canonical UUID spelling; None for any other id."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value.bytes if str(value) == text else None


def _pack(text: str) -> str:
    """A UUID as 22 characters; any other id as itself behind `=`, which base64url never begins with."""
    value = _uuid(text)
    return f"={text}" if value is None else _base64url(value)


def _unpack(text: str) -> str:
    return text[1:] if text.startswith("=") else str(UUID(bytes=_bytes(text)))


def _pack_all(ids: Sequence[str]) -> str | list[str]:
    """UUIDs end to end in one text; a list where some id is no UUID."""
    values = [value for text in ids if (value := _uuid(text)) is not None]
    return _base64url(b"".join(values)) if len(values) == len(ids) else [_pack(text) for text in ids]


def _unpack_all(packed: str | list[str]) -> tuple[str, ...]:
    if isinstance(packed, list):
        return tuple(_unpack(text) for text in packed)
    joined = _bytes(packed)
    return tuple(str(UUID(bytes=joined[at : at + 16])) for at in range(0, len(joined), 16))
