needs="git"

prepare() {
  identity
  git init -q -b main project
  touch project/app.py project/.git/index.lock
}

failing() { cd project && git add app.py; }

fix() { cd project && rm -f "$(git rev-parse --git-path index.lock)"; }
