"""Which providers there are: made of the settings, when somebody comes for the first time."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from praca.identity.social.errors import UnknownProviderError
from praca.platform.settings import HttpSettings, SocialSettings
from praca.platform.settings.social import GOOGLE, META

if TYPE_CHECKING:
    from praca.identity.social.provider import Provider

__all__ = ["Providers"]

_GOOGLE_SCOPE = "openid email profile"
_GOOGLE_ISSUER = "https://accounts.google.com"


class Providers:
    """The configured providers by name.

    They are made late: what speaks OAuth takes longer to load than the rest of a room, and most
    processes never need it.
    """

    def __init__(self, settings: SocialSettings, http: HttpSettings) -> None:
        self._settings = settings
        self._http = http
        self.names = frozenset(self._configured())

    def require(self, name: str) -> "Provider":
        """Return the provider of this name.

        Raises:
            UnknownProviderError: it is not configured.
        """
        if name not in self.names:
            raise UnknownProviderError
        return self._opened[name]

    def redirect_uri(self, name: str) -> str:
        """Return where the provider sends people back to: one address each, as it is registered."""
        return f"{self._http.address}/auth/{name}/callback"

    def _configured(self) -> list[str]:
        settings = self._settings
        given = {GOOGLE: settings.google_client_id, META: settings.meta_client_id}
        further = [provider.name for provider in settings.oidc_providers]
        return [*(name for name, client_id in given.items() if client_id), *further]

    @cached_property
    def _opened(self) -> Mapping[str, "Provider"]:
        # See the class for why not above.
        from praca.identity.social.openid import OpenIdClient, OpenIdProvider  # noqa: PLC0415

        settings = self._settings
        clients = [
            OpenIdClient(
                name=one.name,
                issuer=one.issuer,
                client_id=one.client_id,
                client_secret=one.client_secret.get_secret_value(),
                scope=one.scope,
                redirect_uri=self.redirect_uri(one.name),
            )
            for one in settings.oidc_providers
        ]
        if settings.google_client_id and settings.google_client_secret:
            clients.append(
                OpenIdClient(
                    name=GOOGLE,
                    issuer=settings.google_issuer,
                    client_id=settings.google_client_id,
                    client_secret=settings.google_client_secret.get_secret_value(),
                    scope=_GOOGLE_SCOPE,
                    redirect_uri=self.redirect_uri(GOOGLE),
                    # Google's documents allow both spellings.
                    also_issuer="accounts.google.com"
                    if settings.google_issuer == _GOOGLE_ISSUER
                    else None,
                )
            )
        timeout_s = settings.social_timeout_s
        opened: dict[str, Provider] = {
            client.name: OpenIdProvider(client, timeout_s=timeout_s) for client in clients
        }
        meta = self._meta()
        return opened | ({META: meta} if meta else {})

    def _meta(self) -> "Provider | None":
        from praca.identity.social.meta import MetaClient, MetaProvider  # noqa: PLC0415

        settings = self._settings
        if not (settings.meta_client_id and settings.meta_client_secret):
            return None
        client = MetaClient(
            client_id=settings.meta_client_id,
            client_secret=settings.meta_client_secret.get_secret_value(),
            dialog_url=settings.meta_dialog_url,
            graph_url=settings.meta_graph_url,
            redirect_uri=self.redirect_uri(META),
        )
        return MetaProvider(client, timeout_s=settings.social_timeout_s)
