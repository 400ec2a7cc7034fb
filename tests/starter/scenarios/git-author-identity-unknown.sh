# Without this option some machines would make up an address from their host name.
needs="git"

prepare() {
  git init -q -b main project
  git config --global user.useConfigOnly true
  echo 'print(1)' > project/app.py
  git -C project add app.py
}

failing() { cd project && git commit -m "First commit"; }

fix() {
  cd project
  NAME=Tester EMAIL=tester@example.com
  git config user.name "$NAME"
  git config user.email "$EMAIL"
}
