needs="dash bash"

prepare() {
  printf 'if [[ $1 == a* ]]; then echo yes; else exit 3; fi\n' > check.sh
  printf 'set -e\nsource ./env.sh\necho $READY\n' > load.sh
  printf 'name=file.txt\necho ${name//file/other}\n' > rename.sh
  echo 'READY=1' > env.sh
}

failing() {
  fails dash check.sh apple
  fails dash load.sh
  dash rename.sh
}

fix() { :; }

passing() { bash check.sh apple && bash load.sh && bash rename.sh; }
