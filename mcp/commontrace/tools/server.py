"""The FastMCP server: five tools, their descriptions, and one edge where everything that fails ends."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar

import anyio
from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from commontrace import VERSION
from commontrace.config import ConfigInvalidError
from commontrace.drafts import DraftInvalidError
from commontrace.paths import RuntimeFolderUnsafeError
from commontrace.references import ReferenceInvalidError
from commontrace.stores import StoreError
from commontrace.tools import text
from commontrace.tools.confirmation import confirm
from commontrace.tools.toolbox import Reason, Toolbox

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

Answer = TypeVar("Answer")

INSTRUCTIONS = "Fixes that others have verified. Search before you debug an error for long."
FORESEEN = (
    ConfigInvalidError,
    DraftInvalidError,
    ReferenceInvalidError,
    RuntimeFolderUnsafeError,
    text.TraceWithheldError,
)
"""Errors whose message is meant for the reader; any other one is a fault of ours."""
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True)
DRAFTS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
VOTES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)


def create(runtime: "Runtime", session: str) -> FastMCP[Any]:
    """The server of one session.

    Args:
        runtime: leads to stores and memory.
        session: Claude Code's id of the session; drafts and what was shown are remembered under it.
    """
    mcp: FastMCP[Any] = FastMCP("commontrace", INSTRUCTIONS, version=VERSION, mask_error_details=True)
    edge = Edge(runtime.record, "`commontrace doctor` shows what went wrong")
    toolbox = Toolbox(runtime, session)
    register(mcp, toolbox, edge)
    register_contribution(mcp, toolbox, edge)
    return mcp


class Tools(Protocol):
    """What the tools that answer at once do: on this machine, or for whoever calls over HTTP."""

    def query(self, query: str, tags: Sequence[str], limit: int) -> str:
        """The best traces for an error or a question."""
        ...

    def read(self, identifier: str) -> str:
        """One trace in full."""
        ...

    def vote(self, identifier: str, vote: Literal["up", "down"], reason: Reason | None) -> str:
        """A vote."""
        ...

    def tags(self) -> str:
        """The tags in use."""
        ...


def register(mcp: "FastMCP[Any]", toolbox: Tools, edge: "Edge") -> None:
    """Add the tools that answer at once; each returns text alone, so that no result comes twice."""

    @mcp.tool(output_schema=None, annotations=READS)
    def query_traces(
        query: Annotated[str, Field(description="Error output or a question")],
        tags: list[str] = [],  # noqa: B006  FastMCP reads it as the schema's default
        limit: Annotated[int, Field(ge=1, le=10)] = 3,
    ) -> str:
        """Search known fixes for an error or a problem."""
        return edge(toolbox.query, query, tags, limit)

    @mcp.tool(output_schema=None, annotations=READS)
    def get_trace(id: str) -> str:  # noqa: A002  the argument's name is for the model
        """Read one trace in full."""
        return edge(toolbox.read, id)

    @mcp.tool(output_schema=None, annotations=VOTES)
    def vote_trace(
        id: str,  # noqa: A002  the argument's name is for the model
        vote: Literal["up", "down"],
        reason: Annotated[
            Literal["", "outdated", "wrong", "harmful", "spam"], Field(description="Needed for down")
        ] = "",
    ) -> str:
        """Say whether a trace that you applied helped."""
        return edge(toolbox.vote, id, vote, reason or None)

    @mcp.tool(output_schema=None, annotations=READS)
    def list_tags() -> str:
        """List tags in use."""
        return edge(toolbox.tags)


def register_contribution(mcp: "FastMCP[Any]", toolbox: Toolbox, edge: "Edge") -> None:
    """Add the tool that waits for the person, where the client can ask."""

    @mcp.tool(output_schema=None, annotations=DRAFTS)
    async def contribute_trace(  # noqa: PLR0913, PLR0917  these are the fields of a trace
        context: Context,
        title: str,
        context_text: Annotated[str, Field(description="Exact error, versions, what was tried")],
        solution_text: Annotated[str, Field(description="What fixed it, and how that was verified")],
        tags: list[str] = [],  # noqa: B006  FastMCP reads it as the schema's default
        kind: Literal["fix", "pattern", "dead_end"] = "fix",
        store: str = "",
    ) -> str:
        """Draft a trace on this machine. Only the person can publish it."""
        trace = {"title": title, "context_text": context_text, "solution_text": solution_text}
        draft = partial(edge, toolbox.draft, {**trace, "tags": tags, "kind": kind}, store)
        record = await anyio.to_thread.run_sync(draft)
        return await edge.waited(confirm(context, toolbox.runtime, toolbox.session, record))


class Edge:
    """Turns errors into answers that say what to do; a fault of ours is written down instead of told.

    Args:
        record: writes down where an error came up, and the error.
        advice: where to read more of it.
    """

    def __init__(self, record: Callable[[str, BaseException], None], advice: str) -> None:
        self._record = record
        self._advice = advice

    def __call__(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """The answer of one call.

        Raises:
            ToolError: there is none, and why.
        """
        with self._told():
            return work(*arguments)

    async def waited(self, work: Awaitable[Answer]) -> Answer:
        """The answer of one call that waits for something.

        Raises:
            ToolError: there is none, and why.
        """
        with self._told():
            return await work

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            raise ToolError(text.problem(error)) from None
        except FORESEEN as error:
            raise ToolError(str(error)) from None
        except (sqlite3.Error, OSError) as error:
            self._record("tool", error)
            raise ToolError(
                "CommonTrace cannot use its files on this machine; `commontrace doctor` names the problem"
            ) from None
        except Exception as error:  # noqa: BLE001  the edge of the tools; it is written down
            self._record("tool", error)
            raise ToolError(f"CommonTrace has failed; go on without it. {self._advice}") from None


async def manifest(mcp: "FastMCP[Any]") -> dict[str, Any]:
    """What the front answers for the server: its instructions, and `tools/list` without what nobody reads."""
    tools = [
        tool.to_mcp_tool().model_dump(by_alias=True, exclude_none=True) for tool in await mcp.list_tools()
    ]
    for tool in tools:
        del tool["_meta"], tool["title"], tool["inputSchema"]["additionalProperties"]
    return {"instructions": mcp.instructions, "tools": tools}


def run(runtime: "Runtime", session: str) -> None:
    """Serve on standard input and output until the client goes."""
    mcp = create(runtime, session)
    anyio.run(partial(mcp.run_stdio_async, show_banner=False, log_level="CRITICAL"))
