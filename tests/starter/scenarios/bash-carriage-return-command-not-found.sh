needs="bash git"

prepare() {
  printf '\r\nexit 0\r\n' > build.sh
  printf '#!/usr/bin/env bash\r\necho ran\r\n' > run.sh
  chmod +x run.sh
  identity
  git init -q -b main .
  git add build.sh run.sh
  git -c core.autocrlf=false commit -q -m "With CRLF"
}

failing() {
  fails bash build.sh
  ./run.sh
}

fix() {
  sed -i 's/\r$//' build.sh run.sh
  echo '*.sh text eol=lf' >> .gitattributes
  git add --renormalize .
}

passing() { bash -e build.sh && ./run.sh && ! git ls-files --eol | grep -F i/crlf; }
