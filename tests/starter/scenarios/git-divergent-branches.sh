needs="git"

prepare() {
  identity
  git init -q --bare -b main origin.git
  git clone -q origin.git mine
  (cd mine && git checkout -q -B main && commit app.py && git push -q -u origin main)
  git clone -q origin.git theirs
  (cd theirs && commit theirs.py && git push -q)
  (cd mine && commit mine.py)
}

failing() { cd mine && git pull; }

fix() { cd mine && git pull --rebase; }

passing() { cd mine && git log --oneline -- theirs.py | grep -q . && git push; }
