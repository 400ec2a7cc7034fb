needs="node"

prepare() {
  cat > build.js <<'EOF'
const modules = [];
for (let i = 0; i < 5e6; i++) modules.push({ i });
console.log(modules.length);
EOF
}

failing() {
  ulimit -c 0
  NODE_OPTIONS=--max-old-space-size=64 node build.js
}

fix() { export NODE_OPTIONS=--max-old-space-size=4096; }

passing() { fix && node build.js; }
