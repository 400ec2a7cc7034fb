# The index is a directory with the real distributions, packed again from this environment.
needs="python"

prepare() {
  python -m venv project
  for name in PyYAML python-dotenv PyJWT; do repack "$name"; done
}

failing() {
  fails project/bin/python -c "import dotenv"
  fails project/bin/python -c "import jwt"
  project/bin/python -c "import yaml"
}

fix() {
  . project/bin/activate
  python -m pip install PyYAML
  python -m pip install python-dotenv
  python -m pip install PyJWT
}

passing() { project/bin/python -c "import yaml, dotenv, jwt"; }
