needs="node"

prepare() {
  echo '{"name": "app", "version": "1.0.0", "type": "module"}' > package.json
  echo 'console.log(__dirname);' > index.js
}

failing() { node index.js; }

fix() {
  cat > index.js <<'EOF'
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
const __filename = fileURLToPath(import.meta.url);
const __dirname = dirname(__filename);
console.log(__dirname);
EOF
}

passing() { test "$(node index.js)" = "$(pwd -P)"; }
