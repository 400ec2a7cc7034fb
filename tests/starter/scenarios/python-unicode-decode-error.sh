needs="python iconv gzip"

prepare() {
  printf 'caf\xe9 \x96 na\xefve\n' > legacy.csv
  { printf '\xff\xfe'; printf 'name\n' | iconv -f utf-8 -t utf-16le; } > powershell.csv
  { printf '\xfe\xff'; printf 'name\n' | iconv -f utf-8 -t utf-16be; } > big-endian.csv
  echo name | gzip > packed.csv
  cat > load.py <<'EOF'
import sys

print(open(sys.argv[1], encoding="utf-8").read())
EOF
}

failing() {
  fails python load.py legacy.csv
  fails python load.py packed.csv
  fails python load.py big-endian.csv
  python load.py powershell.csv
}

fix() {
  cat > load.py <<'EOF'
import gzip
import sys

path = sys.argv[1]
start = open(path, "rb").read(2)
if start in (b"\xff\xfe", b"\xfe\xff"):
    text = open(path, encoding="utf-16").read()
elif start == b"\x1f\x8b":
    text = gzip.open(path, "rt", encoding="utf-8").read()
else:
    text = open(path, encoding="cp1252").read()
assert text in ("name\n", "caf\u00e9 \u2013 na\u00efve\n"), text
EOF
}

passing() {
  for file in legacy.csv packed.csv big-endian.csv powershell.csv; do python load.py $file; done
}
