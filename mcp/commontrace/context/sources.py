"""What a source file that the session edits tells: its language, and what it imports."""

import os
import re
import sys
from collections.abc import Callable
from itertools import islice

from commontrace.context import names

BYTES = 256 * 1024
IMPORTS_MOST = 40
_HEAD = 32_000
"""Characters; imports stand at the beginning."""
LANGUAGES = {
    ".py": "python", ".pyi": "python", ".ipynb": "python",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "typescript",
    ".vue": "javascript", ".svelte": "javascript",
    ".rs": "rust", ".go": "go", ".rb": "ruby", ".php": "php", ".java": "java", ".kt": "kotlin",
    ".kts": "kotlin",
    ".scala": "scala", ".cs": "csharp", ".fs": "fsharp", ".swift": "swift", ".dart": "dart", ".ex": "elixir",
    ".exs": "elixir", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".sh": "bash",
    ".bash": "bash", ".sql": "sql", ".tf": "terraform", ".lua": "lua", ".r": "r", ".hs": "haskell",
    ".zig": "zig",
}  # fmt: skip
_PYTHON = re.compile(r"(?m)^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import|import[ \t]+([A-Za-z_]\w*))")
_SCRIPT = re.compile(r"""(?:\bfrom|\bimport|\brequire\()[ \t]*\(?['"](@?[\w-][\w./-]*)['"]""")
_RUST = re.compile(r"(?m)^[ \t]*(?:pub )?(?:use|extern crate)[ \t]+([a-z_]\w*)")
_GO = re.compile(r'(?m)^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?"([\w.-]+\.[a-z]+/[\w./-]+)"')
_RUBY = re.compile(r"""(?m)^[ \t]*require[ \t(]+['"]([\w-]+)""")
_PATTERNS = {
    "javascript": _SCRIPT, "typescript": _SCRIPT, "rust": _RUST, "go": _GO, "ruby": _RUBY,
}  # fmt: skip
PACKAGE_OF = {
    # modules of Python whose package has another name
    "attr": "attrs", "bs4": "beautifulsoup4", "crypto": "pycryptodome", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "django-filters": "django-filter", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "git": "gitpython", "google": "protobuf", "grpc": "grpcio", "jose": "python-jose",
    "jwt": "pyjwt", "magic": "python-magic", "multipart": "python-multipart", "mysqldb": "mysqlclient",
    "openssl": "pyopenssl", "pil": "pillow", "pkg-resources": "setuptools", "psycopg2": "psycopg2-binary",
    "rest-framework": "djangorestframework", "serial": "pyserial", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "slugify": "python-slugify", "usb": "pyusb", "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip


def language(path: str) -> str | None:
    """The language of a file, by its name."""
    return LANGUAGES.get(os.path.splitext(path)[1].lower())


def importing(language: str) -> Callable[[str], tuple[str, ...]] | None:
    """What reads the imports of a file of this language, if anything does."""
    return _READERS.get(language)


def _imports(pattern: re.Pattern[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        found = (next(filter(None, match.groups())) for match in pattern.finditer(text[:_HEAD]))
        return tuple(dict.fromkeys(islice(found, IMPORTS_MOST)))

    return read


def _python_imports(text: str) -> tuple[str, ...]:
    modules = (module for module in _PYTHON_IMPORTS(text) if module not in sys.stdlib_module_names)
    plain = (names.python(module) or "" for module in modules)
    return tuple(PACKAGE_OF.get(module, module) for module in plain if module)


_PYTHON_IMPORTS = _imports(_PYTHON)
_READERS = {name: _imports(pattern) for name, pattern in _PATTERNS.items()} | {"python": _python_imports}
