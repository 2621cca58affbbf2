"""What every flow needs, composed once at start: the database, the keys, the profiles."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.consent.profile import Profile
from app.exchange.allowances import Allowances
from app.identity.cache import AccessTokenCache
from app.identity.keys import ServiceKeys
from app.identity.signer import Signer
from app.storage.database import Database
from app.storage.sealing import Vault
from app.storage.shreds import ShredList


@dataclass(frozen=True, slots=True)
class Hub:
    """The running service, without its clock: time comes from the database."""

    database: Database
    vault: Vault
    shreds: ShredList
    profiles: Mapping[str, Profile]
    keys: ServiceKeys
    signer: Signer
    issuer: str
    """Base URL of this service: the OAuth issuer (RFC 8414) and the audience of its access tokens."""
    sandbox: bool
    tokens: AccessTokenCache
    allowances: Allowances
    synthetic_only: bool = False
    """Whether this instance is for tests, and takes invented people only."""

    def behind(self, proof: str | None) -> "Hub":
        """The same service for one justice caller: its statements run as the role that holds no content."""
        return Hub(
            self.database.behind(proof),
            self.vault,
            self.shreds,
            self.profiles,
            self.keys,
            self.signer,
            self.issuer,
            self.sandbox,
            self.tokens,
            self.allowances,
            self.synthetic_only,
        )
