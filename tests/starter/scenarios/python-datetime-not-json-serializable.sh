needs="python"

prepare() {
  cat > save.py <<'EOF'
import json
from datetime import date, datetime

row = {"at": datetime(2000, 1, 1, 12), "day": date(2000, 1, 1)}
print(json.dumps(row))
EOF
}

failing() { python save.py; }

fix() {
  cat > save.py <<'EOF'
import json
from datetime import date, datetime

row = {"at": datetime(2000, 1, 1, 12), "day": date(2000, 1, 1)}


def encode(value):
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"not JSON serializable: {type(value).__name__}")


print(json.dumps(row, default=encode))
assert datetime.fromisoformat(json.loads(json.dumps(row, default=encode))["at"]) == row["at"]
EOF
}
