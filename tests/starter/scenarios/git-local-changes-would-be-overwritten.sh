needs="git"

prepare() {
  identity
  git init -q --bare -b main origin.git
  git clone -q origin.git mine
  (cd mine && git checkout -q -B main && seq 9 > lines.txt && commit lines.txt && git push -q -u origin main)
  git clone -q origin.git theirs
  (cd theirs && sed -i 's/^9$/nine/' lines.txt && commit lines.txt && git push -q)
  sed -i 's/^1$/one/' mine/lines.txt
}

failing() { cd mine && git pull --no-rebase; }

fix() {
  cd mine
  git stash push
  git pull --no-rebase
  git stash pop
}

passing() { cd mine && grep -x one lines.txt && grep -x nine lines.txt; }
