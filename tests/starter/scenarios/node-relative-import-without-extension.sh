needs="node"

prepare() {
  echo '{"name": "app", "version": "1.0.0", "type": "module"}' > package.json
  mkdir lib
  echo 'export const one = 1;' | tee utils.js > lib/index.js
  printf 'import { one } from "./utils";\nconsole.log(one);\n' > main.js
  printf 'import { one } from "./lib";\nconsole.log(one);\n' > folder.js
}

failing() {
  fails node folder.js
  node main.js
}

fix() {
  cat > main.js <<'EOF'
import { one } from "./utils.js";
console.log(one);
EOF
  cat > folder.js <<'EOF'
import { one } from "./lib/index.js";
console.log(one);
EOF
}

passing() { node main.js && node folder.js; }
