needs="node npm"

prepare() {
  echo '{"name": "app", "version": "1.0.0", "type": "commonjs"}' > package.json
  printf 'import { sep } from "node:path";\nconsole.log(sep);\n' > index.js
  cp index.js tool.mjs
}

failing() { node index.js; }

fix() { npm pkg set type=module; }

passing() { node index.js && node tool.mjs; }
