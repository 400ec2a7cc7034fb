# A small stack makes the limit small, so that few files are enough.
needs="bash find"

prepare() {
  mkdir logs
  (cd logs && for i in $(seq 3000); do : > "request-with-a-long-name-$(printf '%048d' "$i").log"; done)
}

failing() {
  ulimit -s 256
  cd logs
  rm *.log
}

fix() {
  ulimit -s 256
  cd logs
  find . -maxdepth 1 -type f -name '*.log' | wc -l
  find . -maxdepth 1 -type f -name '*.log' -delete
}

passing() { test "$(cd logs && find . -maxdepth 1 -type f -name '*.log' | wc -l)" -eq 0; }
