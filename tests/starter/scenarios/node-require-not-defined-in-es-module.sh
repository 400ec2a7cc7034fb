needs="node"

prepare() {
  echo '{"name": "app", "version": "1.0.0", "type": "module"}' > package.json
  printf 'const path = require("node:path");\nconsole.log(path.sep);\n' > index.js
  cp index.js tool.cjs
}

failing() { node index.js; }

fix() {
  printf 'import path from "node:path";\nconsole.log(path.sep);\n' > index.js
  cat > old.js <<'EOF'
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
console.log(require("node:path").sep);
EOF
}

passing() { node index.js && node old.js && node tool.cjs; }
