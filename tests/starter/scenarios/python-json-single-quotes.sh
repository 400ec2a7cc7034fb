needs="python"

prepare() {
  cat > settings.py <<'EOF'
import json

text = str({"name": "pear", "fresh": True})
print(json.loads(text))
EOF
  cat > read.py <<'EOF'
import ast

text = "{'name': 'pear', 'fresh': True}"
print(ast.literal_eval(text))
EOF
}

failing() { python settings.py; }

fix() {
  cat > settings.py <<'EOF'
import json

text = json.dumps({"name": "pear", "fresh": True})
print(json.loads(text))
EOF
}

passing() { python settings.py && python read.py; }
