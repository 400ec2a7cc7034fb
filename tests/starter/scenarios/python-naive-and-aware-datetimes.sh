needs="python"

prepare() {
  cat > expiry.py <<'EOF'
from datetime import datetime, timezone

expires = datetime(2000, 1, 1, tzinfo=timezone.utc)
print(expires < datetime.now())
EOF
  sed 's/ < / - /' expiry.py > left.py
}

failing() {
  fails python left.py
  python expiry.py
}

fix() { sed -i 's/datetime.now()/datetime.now(timezone.utc)/' expiry.py left.py; }

passing() { python left.py && python expiry.py; }
