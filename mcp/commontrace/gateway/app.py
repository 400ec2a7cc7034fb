"""The app: the tools of the caller, who is asked for a token of the store and comes from an allowed host."""

import logging
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastmcp import FastMCP
from fastmcp.server.dependencies import get_access_token
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from commontrace import VERSION
from commontrace.gateway.access import Callers, StoreVerifier
from commontrace.gateway.toolbox import RemoteToolbox
from commontrace.tools.server import INSTRUCTIONS, Edge, register

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastmcp.server.http import StarletteWithLifespan
    from fastmcp.tools import Tool
    from mcp_types import ListToolsRequest

PATH: Final = "/mcp"
CONTRIBUTES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
_log = logging.getLogger(__name__)


def create(callers: Callers) -> FastMCP[Any]:
    """The MCP server for every caller of one store."""

    @asynccontextmanager
    async def lifespan(_server: "FastMCP[Any]") -> "AsyncIterator[None]":
        yield
        callers.close()

    mcp: FastMCP[Any] = FastMCP(
        "commontrace",
        INSTRUCTIONS,
        version=VERSION,
        mask_error_details=True,
        auth=StoreVerifier(callers),
        middleware=[WithinReach()],
        lifespan=lifespan,
    )
    toolbox, edge = RemoteToolbox(callers), Edge(_write_down, "The operator's log says more")
    register(mcp, toolbox, edge)
    register_contribution(mcp, toolbox, edge)

    @mcp.custom_route("/healthz", methods=["GET"])
    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return mcp


def http_app(
    mcp: "FastMCP[Any]", *, hosts: Sequence[str] = (), origins: Sequence[str] = ()
) -> "StarletteWithLifespan":
    """The ASGI app. No request depends on an earlier one, so any number of processes can share the work.

    Args:
        mcp: of `create`.
        hosts: names that it is reached by, besides this machine's own; any other Host header is refused,
            so that no page can reach it through a name that it has bent here (DNS rebinding).
        origins: pages that may call it, besides its own.
    """
    return mcp.http_app(
        path=PATH,
        stateless_http=True,
        json_response=True,
        host_origin_protection=True,
        allowed_hosts=list(hosts),
        allowed_origins=list(origins),
    )


def register_contribution(mcp: "FastMCP[Any]", toolbox: RemoteToolbox, edge: Edge) -> None:
    """Add the tool that writes: there is no person beside it, so the store's own rules decide."""

    @mcp.tool(output_schema=None, annotations=CONTRIBUTES)
    def contribute_trace(  # noqa: PLR0913, PLR0917  these are the fields of a trace
        title: str,
        context_text: Annotated[str, Field(description="Exact error, versions, what was tried")],
        solution_text: Annotated[str, Field(description="What fixed it, and how that was verified")],
        tags: list[str] = [],  # noqa: B006  FastMCP reads it as the schema's default
        kind: Literal["fix", "pattern", "dead_end"] = "fix",
        space: Annotated[str, Field(description="Slug; empty: the account's own space")] = "",
    ) -> str:
        """Contribute a trace to the store, redacted. Ask the person before you share their work."""
        trace = {"title": title, "context_text": context_text, "solution_text": solution_text}
        return edge(toolbox.contribute, {**trace, "tags": tags, "kind": kind}, space)


class WithinReach(Middleware):
    """Lists only the tools that the caller's credential reaches; the store holds to it in any case."""

    async def on_list_tools(
        self,
        context: "MiddlewareContext[ListToolsRequest]",
        call_next: "CallNext[ListToolsRequest, Sequence[Tool]]",
    ) -> "Sequence[Tool]":
        """Leave the others out."""
        token = get_access_token()
        scopes = token.scopes if token is not None else []
        return [tool for tool in await call_next(context) if _needs(tool) in scopes]


def _needs(tool: "Tool") -> str:
    reads = tool.annotations is not None and tool.annotations.read_only_hint
    return "read" if reads else "contribute"


def _write_down(where: str, error: BaseException) -> None:
    """Without the message, which may quote what people wrote."""
    _log.error("%s: %s.%s", where, type(error).__module__, type(error).__qualname__)
