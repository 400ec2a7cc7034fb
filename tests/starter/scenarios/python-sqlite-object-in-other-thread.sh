needs="python"

prepare() {
  cat > store.py <<'EOF'
import sqlite3
from concurrent.futures import ThreadPoolExecutor

db = sqlite3.connect("shop.db")


def count(_):
    return db.execute("select 1").fetchone()


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(count, range(4))))
EOF
}

failing() { python store.py; }

fix() {
  cat > store.py <<'EOF'
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing


def count(_):
    with closing(sqlite3.connect("shop.db")) as db:
        return db.execute("select 1").fetchone()


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(count, range(4))))
EOF
  cat > shared.py <<'EOF'
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

db = sqlite3.connect("shop.db", check_same_thread=False)
lock = threading.Lock()


def count(_):
    with lock:
        return db.execute("select 1").fetchone()


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(count, range(4))))
EOF
}

passing() { python store.py && python shared.py; }
