# The mark that a distribution puts beside its standard library, put beside a copy of this one.
needs="python"

prepare() {
  wheel greeting 1.0
  mkdir -p system/bin system/lib
  python - <<'EOF'
import sys, sysconfig
from pathlib import Path

stdlib = Path(sysconfig.get_path("stdlib"))
marked = Path("system/lib") / stdlib.name
marked.mkdir()
for entry in stdlib.iterdir():
    if entry.name not in {"site-packages", "EXTERNALLY-MANAGED"}:
        (marked / entry.name).symlink_to(entry)
(marked / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=Use the distribution's packages.\n")
pip = next((stdlib / "ensurepip" / "_bundled").glob("pip-*.whl"))
Path("system/bin/python3").write_text(f"""#!/bin/sh
[ "$2" = pip ] && {{ shift 2; set -- "{pip}/pip" "$@"; }}
PYTHONHOME="{Path("system").resolve()}" exec "{sys._base_executable}" "$@"
""")
EOF
  chmod +x system/bin/python3
}

failing() { PATH="$PWD/system/bin:$PATH" python3 -m pip install greeting; }

fix() {
  python3 -m venv .venv
  .venv/bin/python -m pip install greeting
}

passing() { .venv/bin/python -c "import greeting"; }
