"""The least that a hook can cost: an MCP server of a few lines that has nothing to say."""

import json
import sys

TYPE_CHECKING = False  # a type checker reads it as true; importing it from typing takes longer than all else
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """Answer every request at once, until the input ends."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "id" not in request:
            continue
        answer = {
            "jsonrpc": "2.0",
            "id": request["id"],
            **_answer(request["method"], request.get("params", {})),
        }
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _answer(method: str, params: "dict[str, Any]") -> "dict[str, Any]":
    if method == "initialize":
        about = {"serverInfo": {"name": "echo", "version": "1"}, "capabilities": {"tools": {}}}
        return {"result": {"protocolVersion": params["protocolVersion"], **about}}
    if method == "tools/list":
        return {"result": {"tools": []}}
    if method == "tools/call":
        prompt = params["arguments"].get("event") == "UserPromptSubmit"
        return {"result": {"content": [{"type": "text", "text": "{}"}] if prompt else []}}
    return {"error": {"code": -32601, "message": method}}


if __name__ == "__main__":
    main()
