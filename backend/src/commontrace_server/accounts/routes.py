"""Who one is, and the keys of one's account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response, status

from commontrace_server.accounts import service
from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.schemas import KeyDraft, KeyList, Me, NewKey, Space, Token
from commontrace_server.accounts.standing import SCOPES
from commontrace_server.dependencies import ReadDep, StateDep, WriteDep
from commontrace_server.documented import USUAL, problems

router = APIRouter(prefix="/v1", tags=["accounts"], responses=problems(*USUAL))


def _pepper(state: StateDep) -> Pepper:
    return state.pepper


PepperDep = Annotated[Pepper, Depends(_pepper)]


@router.get("/me")
async def me(caller: CallerDep) -> Me:
    """Return the account of this key, what the key allows, and the spaces that it reaches."""
    return Me(
        id=caller.account_id,
        name=caller.name,
        tier=caller.tier,
        created_at=caller.created_at,
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
        key_id=caller.key_id,
        expires_at=caller.expires_at,
        spaces=[Space.model_validate(place) for place in caller.readable()],
    )


@router.post("/token", status_code=status.HTTP_201_CREATED)
async def create_token(caller: CallerDep, pepper: PepperDep, response: Response) -> Token:
    """Make a short-lived token from the API key that asks, for a browser or an MCP client.

    It does what the key does. Revoking the key ends it at once; made from a token, it ends with that one.
    """
    _keep_out_of_caches(response)
    return service.make_token(pepper, caller)


@router.get("/keys")
async def list_keys(caller: CallerDep, connection: ReadDep) -> KeyList:
    """Return all keys of this account, ended ones too; none can be read again."""
    return KeyList(items=await service.list_keys(connection, caller.account_id))


@router.post("/keys", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_key(
    draft: KeyDraft, caller: CallerDep, connection: WriteDep, pepper: PepperDep, response: Response
) -> NewKey:
    """Make a key that does no more and lives no longer than the one that asks. It is shown this once."""
    _keep_out_of_caches(response)
    return await service.derive_key(connection, pepper, caller, draft.scopes, draft.expires_at)


@router.post("/keys/{key_id}/rotate", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def rotate_key(
    key_id: UUID, caller: CallerDep, connection: WriteDep, pepper: PepperDep, response: Response
) -> NewKey:
    """Revoke a key and make one like it. It is shown this once."""
    _keep_out_of_caches(response)
    return await service.rotate_key(connection, pepper, caller, key_id)


@router.delete("/keys/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_key(key_id: UUID, caller: CallerDep, connection: WriteDep) -> None:
    """Revoke a key: from now on it is not valid."""
    await service.revoke_key(connection, caller, key_id)


def _keep_out_of_caches(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
