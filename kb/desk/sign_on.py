"""Signing in through an OpenID Connect service, where one is set up: the authorization code flow with PKCE.

An account is made by an administrator as ever; the service only says who somebody is. The first time, the account is found by
the mail address that the service vouches for, and bound to the person there, so that a later change of the address changes
nothing. See OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3, and RFC 7636.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from kb.errors import KbError
from kb.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

SCOPES = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are accepted: never none at all, and never a secret that both sides know."""

MAX_KEPT = 2000
_SECONDS = 10.0
_LEEWAY = 60
_LONGEST = 500


class SignOnError(KbError):
    """The service did not sign somebody in; one line that says what to do."""


@dataclass(frozen=True)
class Started:
    """What the browser keeps until it comes back: nothing of it is known to the service but its hash or its echo."""

    state: str
    nonce: str
    verifier: str
    language: str
    next_page: str

    def packed(self) -> str:
        """For a cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def unpacked(cls, kept: str) -> Started | None:
        """What `packed` made; `None` for anything else."""
        try:
            values = json.loads(base64.urlsafe_b64decode(kept[:MAX_KEPT].encode()))
            return cls(**{name: str(values[name]) for name in ("state", "nonce", "verifier", "language", "next_page")})
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Person:
    """Somebody as the service knows them: `subject` names them for good, `email` is empty where it does not vouch for one."""

    subject: str
    email: str


class SignOn:
    """One service. What it says of itself is fetched when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """What the button calls the service; empty where none is set up."""
        return self._settings.oidc_name if self._settings.oidc_issuer else ""

    def begin(self, back: str, language: str, next_page: str) -> tuple[str, Started]:
        """The address to send the browser to, and what it keeps. `back` is where the service sends it afterwards."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        started = Started(state, nonce, verifier, language, next_page[:_LONGEST])
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._tells("authorization_endpoint"), started.state, nonce=started.nonce, code_verifier=started.verifier
            )
        return str(address), started

    def finish(self, back: str, started: Started | None, answer: Mapping[str, str]) -> Person:
        """Who came back with this answer. Raises `SignOnError`."""
        if started is None or not secrets.compare_digest(started.state.encode(), answer.get("state", "").encode()):
            raise SignOnError("Signing in took too long or was begun elsewhere; try again.")
        if answer.get("error") or not answer.get("code"):
            raise SignOnError("The sign-on service did not let you in; try again, or sign in with a password.")
        tokens = self._tokens(back, started, answer["code"])
        claims = self._claims(str(tokens.get("id_token", "")), started.nonce)
        told = claims if "email" in claims else self._asked(str(tokens.get("access_token", "")), str(claims["sub"]))
        vouched = told.get("email_verified") is True
        return Person(f"{self._settings.oidc_issuer}|{claims['sub']}"[:_LONGEST], str(told.get("email", "")) if vouched else "")

    def _tokens(self, back: str, started: Started, code: str) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        try:
            with self._client(back) as client:
                found = client.fetch_token(self._tells("token_endpoint"), code=code, code_verifier=started.verifier)
                return cast("Mapping[str, Any]", found)
        except (AuthlibBaseError, HTTPError, ValueError) as exc:
            raise SignOnError("The sign-on service did not confirm who you are; try again.") from exc

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """What a token says, after its signature, its issuer, its receiver, its age and its nonce were checked."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        client = self._settings.oidc_client
        try:
            keys = KeySet.import_key_set(cast("KeySetSerialization", self._fetched(self._tells("jwks_uri"))))
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY,
                iss={"essential": True, "value": self._tells("issuer")},
                sub={"essential": True},
                aud={"essential": True, "value": client},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as exc:
            raise SignOnError("The sign-on service sent an answer that cannot be trusted; tell the administrator.") from exc
        if claims.get("azp", client) != client:
            raise SignOnError("The sign-on service sent an answer that cannot be trusted; tell the administrator.")
        return claims

    def _asked(self, access: str, subject: str) -> Mapping[str, Any]:
        """What the service tells of the same person where its token has no mail address."""
        address = (self._told or {}).get("userinfo_endpoint")
        told = self._fetched(str(address), {"Authorization": f"Bearer {access}"}) if address and access else {}
        return told if told.get("sub") == subject else {}

    def _client(self, back: str) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        settings = self._settings
        return OAuth2Client(
            settings.oidc_client, settings.oidc_secret or None, scope=SCOPES, redirect_uri=back, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if settings.oidc_secret else "none", timeout=_SECONDS,
        )  # fmt: skip

    def _tells(self, name: str) -> str:
        """Something that the service says of itself (OpenID Connect Discovery 1.0)."""
        if self._told is None:
            issuer = self._settings.oidc_issuer
            told = self._fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if str(told.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
                raise SignOnError("The sign-on service calls itself otherwise than KB_OIDC_ISSUER; tell the administrator.")
            self._told = told
        value = self._told.get(name)
        if not isinstance(value, str):
            raise SignOnError("The sign-on service cannot be used from here; tell the administrator.")
        return value

    def _fetched(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        import httpx

        try:
            answer = httpx.get(address, headers=dict(headers or {}), timeout=_SECONDS)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as exc:
            raise SignOnError("The sign-on service cannot be reached; try again later, or sign in with a password.") from exc
        if not isinstance(found, dict):
            raise SignOnError("The sign-on service cannot be used from here; tell the administrator.")
        return found
