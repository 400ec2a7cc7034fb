"""A program that uses a cluster: `postgres_user.py DATA [RUNTIME]`.

It reads commands, one a line, and answers each with one line of JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

from commontrace_server.postgres.cluster import Cluster
from commontrace_server.postgres.errors import PostgresError


def obey(cluster: Cluster, command: str) -> dict[str, Any]:
    """Does what `command` (start, stop, alive) says and returns what came of it."""
    try:
        if command == "start":
            cluster.start()
            return {"url": cluster.url, "alive": cluster.alive()}
        if command == "stop":
            cluster.stop()
    except PostgresError as error:
        return {"error": type(error).__name__, "message": str(error)}
    return {"alive": cluster.alive()}


if __name__ == "__main__":
    used = Cluster(*map(Path, sys.argv[1:]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(used, line.strip())) + "\n")
        sys.stdout.flush()
