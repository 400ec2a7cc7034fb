needs="git"

prepare() {
  identity
  git init -q --bare -b main origin.git
  for state in empty master; do
    git init -q -b master $state
    git -C $state remote add origin ../origin.git
    echo 'print(1)' > $state/app.py
  done
  (cd master && commit app.py)
}

failing() {
  fails git -C empty push -u origin main
  git -C master push -u origin main
}

fix() {
  (cd master && git branch -M main)
  (cd empty && git add -A && git commit -m "First commit" && git branch -M main)
}

passing() {
  (cd master && git push -u origin main)
  (cd empty && git push -u origin main:other)
}
