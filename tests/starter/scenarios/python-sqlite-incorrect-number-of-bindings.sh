needs="python"

prepare() {
  cat > find.py <<'EOF'
import sqlite3

db = sqlite3.connect(":memory:")
name = "apple"
print(db.execute("SELECT ?", (name)).fetchone())
EOF
}

failing() { python find.py; }

fix() {
  cat > find.py <<'EOF'
import sqlite3

db = sqlite3.connect(":memory:")
name = "apple"
print(db.execute("SELECT ?", (name,)).fetchone())
EOF
}
