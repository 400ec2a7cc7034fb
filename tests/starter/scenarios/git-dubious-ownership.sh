# git's own switch makes it see another owner, so that this runs without root.
needs="git"

prepare() {
  identity
  git init -q -b main checkout
  (cd checkout && commit app.py)
}

failing() { cd checkout && GIT_TEST_ASSUME_DIFFERENT_OWNER=1 git status; }

fix() { cd checkout && git config --global --add safe.directory "$PWD"; }
