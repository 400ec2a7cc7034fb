needs="python"

prepare() {
  printf '\xef\xbb\xbf{"port": 1}' > settings.json
  cat > load.py <<'EOF'
import json

with open("settings.json", encoding="utf-8") as file:
    print(json.load(file))
EOF
}

failing() { python load.py; }

fix() {
  cat > load.py <<'EOF'
import json

with open("settings.json", encoding="utf-8-sig") as file:
    print(json.load(file))
EOF
}
