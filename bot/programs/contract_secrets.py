"""The credentials of a contract, from where app.yaml says that they are."""

from pydantic import SecretStr

from bot.ionos.credentials import ContractAccess
from bot.settings.secrets import Reference, resolve_secret, resolve_token
from bot.settings.sections import ContractSettings


async def access_of(contract: ContractSettings) -> ContractAccess:
    """Return a contract's credentials, resolved. Raises ConfigError."""

    async def secret(reference: Reference | None) -> SecretStr | None:
        return None if reference is None else await resolve_secret(reference)

    token = None if contract.token is None else await resolve_token(contract.token)
    return ContractAccess(
        name=contract.name,
        number=contract.number,
        token=token,
        username=await secret(contract.username),
        password=await secret(contract.password),
    )
