needs="git"

prepare() {
  identity
  git init -q --bare -b main origin.git
  git clone -q origin.git theirs
  (cd theirs && git checkout -q -B main && commit LICENSE && git push -q origin main)
  git init -q -b main mine
  (cd mine && commit app.py && git remote add origin ../origin.git)
}

failing() { cd mine && git pull --no-rebase origin main; }

fix() { cd mine && git pull origin main --no-rebase --no-edit --allow-unrelated-histories; }

passing() { cd mine && git log --oneline -- LICENSE | grep -q . && git push origin main; }
