# What the scenarios share. Each scenario is a bash file with
#   needs      the programs it runs
#   prepare    makes a small project in the current, empty directory
#   failing    the command that meets the error
#   fix        what the trace says
#   passing    the command again (the same one unless said otherwise)
# and each function is run by a shell of its own.

prepare() { :; }
passing() { failing; }

# fails COMMAND...: for a scenario with several commands, each of which has to fail.
fails() {
  if "$@"; then
    echo "passed: $*"
    exit 0
  fi
}

identity() {
  git config --global user.name Tester
  git config --global user.email tester@example.com
}

commit() {
  [ -e "$1" ] || echo 1 > "$1"
  git add "$1"
  git commit -q -m "Change $1"
}

# wheel NAME VERSION: a package with one empty module, where pip finds it without an index.
wheel() {
  python - "$1" "$2" "$PIP_FIND_LINKS" <<'EOF'
import sys, zipfile

name, version, folder = sys.argv[1:]
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as archive:
    about = f"{name}-{version}.dist-info"
    archive.writestr(f"{name}.py", "")
    archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    archive.writestr(f"{about}/RECORD", "")
EOF
}

# repack NAME: an installed distribution as a wheel again, where pip finds it without an index.
repack() {
  python - "$1" "$PIP_FIND_LINKS" <<'EOF'
import sys, zipfile
from importlib.metadata import distribution

name, folder = sys.argv[1:]
found = distribution(name)
wheel = found.read_text("WHEEL") or ""
tag = next(line.removeprefix("Tag: ") for line in wheel.splitlines() if line.startswith("Tag: "))
stem = f"{found.metadata['Name'].replace('-', '_')}-{found.version}"
with zipfile.ZipFile(f"{folder}/{stem}-{tag}.whl", "w") as archive:
    for file in found.files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            archive.write(file.locate(), str(file))
EOF
}
