"""The primary database user that every change on v2 sends along, found when it is needed and not before."""

from bot.domain.cluster import Cluster
from bot.domain.cluster_spec import Credentials
from bot.domain.errors import ConfigError
from bot.settings.model import Settings
from bot.settings.secrets import resolve


async def credentials_for(cluster: Cluster, settings: Settings) -> Credentials:
    """What app.yaml refers to for this cluster. Raises ConfigError when it refers to nothing, saying how.

    v2 has no PATCH: its PUT replaces the whole cluster, the credentials included, and sets the primary
    user's password to the one sent (v1-v2-mapping, section 3). They are resolved when a change is carried
    out, so that no plan, card or queue ever holds a password.
    """
    references = settings.credentials(cluster)
    if references is None:
        raise ConfigError(
            f"No credentials are configured for {cluster.name}, and a change on v2 has to send them.",
            "Add credentials (username, password as env:NAME or file:PATH, database) to an entry of "
            "clusters in app.yaml that matches it.",
        )
    return Credentials(
        username=references.username,
        password=await resolve(references.password),
        database=references.database,
    )
