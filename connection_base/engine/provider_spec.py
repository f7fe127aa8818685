"""What an addon tells connection_base about the service it talks to.

A :class:`ProviderSpec` is a constant of the addon: its hosts are fixed here, so that
nobody can point a connection (and its secrets) at another server by editing a field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

AUTH_KINDS = ("api_key", "oauth_code", "oauth_client")
_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CredentialField:
    """One value the connect form asks for.

    :param label: shown to people; a lazily translated text is fine
    :param secret: shown as a password, never shown again
    """

    key: str
    label: Any
    secret: bool = True
    required: bool = True


@dataclass(frozen=True)
class ServiceAccount:
    """One account, shop or administration that credentials give access to.

    :param ref: the service's own id
    :param note: what tells accounts of one name apart; may be empty
    """

    ref: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class RateLimit:
    """At most ``calls`` calls in any stretch of ``seconds`` seconds.

    :param shared: the service counts by our address, so all connections to it share
        one window; else each connection has its own

    >>> RateLimit(calls=0, seconds=60)
    Traceback (most recent call last):
    ...
    ValueError: a rate limit needs at least one call and one second
    """

    calls: int
    seconds: int
    shared: bool = False

    def __post_init__(self) -> None:
        if self.calls < 1 or self.seconds < 1:
            raise ValueError("a rate limit needs at least one call and one second")


@dataclass(frozen=True)
class OAuthSpec:
    """How the service wants OAuth2 (RFC 6749; PKCE: RFC 7636).

    :param client_auth: client id and secret go in the "body" or as "basic" (2.3.1)
    :param token_format: body of the token request: "form" (the RFC) or "json"
    :param authorize_role: which host of :attr:`ProviderSpec.hosts` people are sent to
    :param token_role: which host gives the tokens
    :param extra_authorize: fixed parameters added to the authorize address
    :param callback_params: query keys of the callback that are kept as credentials and
        sent along with each token request
    :param revoke_path: path (RFC 7009) called when disconnecting, or ``None``
    """

    authorize_path: str
    token_path: str
    scopes: tuple[str, ...] = ()
    pkce: bool = False
    client_auth: str = "body"
    token_format: str = "form"  # noqa: S105  no password
    authorize_role: str = "auth"
    token_role: str = "auth"  # noqa: S105  no password
    extra_authorize: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    callback_params: tuple[str, ...] = ()
    revoke_path: str | None = None

    def __post_init__(self) -> None:
        if self.client_auth not in ("body", "basic"):
            raise ValueError("client_auth is 'body' or 'basic'")
        if self.token_format not in ("form", "json"):
            raise ValueError("token_format is 'form' or 'json'")


@dataclass(frozen=True)
class ProviderSpec:
    """One outside service.

    :param hosts: per environment the base address of each role, e.g.
        ``{"live": {"api": "https://api.example.com", "auth": "https://my.example.com"}}``
    :param auth: the allowed kinds, the first is the default
    :param credentials: per kind the fields the connect form asks for
    :param icon: path of a square picture
    :param multiple: several connections per company are allowed
    :param sync_minutes: default pause between two syncs; 0 = this service has no sync
    :param webhook: the service can call us
    :param description: one line for the card
    :param where: per kind of sign-in one sentence: where at the service a person finds
        what the form asks for
    :param choose_label: title of the form in which one of several accounts is chosen

    >>> spec = ProviderSpec(
    ...     code="demo", name="Demo", auth=("api_key",),
    ...     hosts={"live": {"api": "https://api.example.com"}},
    ...     credentials={"api_key": (CredentialField("api_key", "API key"),)},
    ... )
    >>> spec.base_url("live", "api")
    'https://api.example.com'
    >>> spec.base_url("test", "api")    # no test host of its own: the live one
    'https://api.example.com'
    >>> [item.key for item in spec.fields_for("api_key")]
    ['api_key']
    """

    code: str
    name: str
    hosts: Mapping[str, Mapping[str, str]]
    auth: tuple[str, ...]
    credentials: Mapping[str, tuple[CredentialField, ...]]
    oauth: OAuthSpec | None = None
    rate_limit: RateLimit | None = None
    icon: str = ""
    multiple: bool = True
    sync_minutes: int = 60
    webhook: bool = False
    description: Any = ""
    choose_label: Any = ""
    where: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def __post_init__(self) -> None:
        if not self.auth or any(kind not in AUTH_KINDS for kind in self.auth):
            raise ValueError(f"{self.code}: unknown kind of sign-in {self.auth!r}")
        if any(kind != "api_key" for kind in self.auth) and self.oauth is None:
            raise ValueError(f"{self.code}: OAuth needs an OAuthSpec")
        if "live" not in self.hosts:
            raise ValueError(f"{self.code}: the live hosts are missing")
        for roles in self.hosts.values():
            for url in roles.values():
                if not url.startswith("https://"):
                    raise ValueError(f"{self.code}: {url} is not https")

    def base_url(self, environment: str, role: str = "api") -> str:
        """Return the fixed address of ``role``.

        A service without hosts of its own for tests (it tells them apart by the key)
        uses the live ones; a role that is not listed uses the "api" host.

        :raises KeyError: the service has no host at all for the role
        """
        roles = self.hosts.get(environment) or self.hosts["live"]
        return (roles.get(role) or roles["api"]).rstrip("/")

    def fields_for(self, auth_kind: str) -> tuple[CredentialField, ...]:
        """Return the fields the connect form asks for this kind of sign-in."""
        return tuple(self.credentials.get(auth_kind, ()))

    def secret_keys(self, auth_kind: str) -> frozenset[str]:
        """Return the keys whose values are secrets."""
        asked = {item.key for item in self.fields_for(auth_kind) if item.secret}
        return frozenset(asked | {"access_token", "refresh_token"})
