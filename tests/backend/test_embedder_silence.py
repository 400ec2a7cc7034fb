"""What the embedder's runtime does beside embedding: nothing."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import asyncio
from commontrace_server.embeddings.minilm import MiniLM
asyncio.run(MiniLM().embed(["a query"]))
"""


def test_embedding_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    """Its runtime, onnxruntime, would write a device id there and report its use to its maker."""
    home = tmp_path / "home"
    home.mkdir()
    sources = os.pathsep.join(path for path in sys.path if path.endswith(("mcp", "src")))
    subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": sources},
        check=True,
        capture_output=True,
    )
    assert list(home.iterdir()) == []
