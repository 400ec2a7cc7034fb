needs="python"

prepare() {
  cat > tree.py <<'EOF'
class Node:
    def __init__(self, parent: "Node" | None = None) -> None:
        self.parent = parent


print(Node(Node()).parent)
EOF
}

failing() { python tree.py; }

fix() {
  cat > quoted.py <<'EOF'
class Node:
    def __init__(self, parent: "Node | None" = None) -> None:
        self.parent = parent


print(Node(Node()).parent)
EOF
  { echo 'from __future__ import annotations'; cat tree.py; } > future.py
}

passing() { python quoted.py && python future.py; }
