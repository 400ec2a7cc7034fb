needs="node lsof ps"

prepare() {
  cat > server.js <<'EOF'
const { createServer } = require("node:http");
const { writeFileSync } = require("node:fs");

const server = createServer().listen(Number(process.env.PORT), "127.0.0.1", () => {
  writeFileSync("port", String(server.address().port));
  if (process.env.ONCE) server.close();
});
EOF
  PORT=0 node server.js > server.log 2>&1 &
  until [ -s port ]; do sleep 0.05; done
}

failing() { PORT=$(cat port) ONCE=1 node server.js; }

fix() {
  PORT=$(cat port)
  PID=$(lsof -nP -iTCP:"$PORT" -sTCP:LISTEN -t)
  ps -p "$PID" -o args= | grep -F server.js
  kill "$PID"
  while kill -0 "$PID" 2> kill.log; do sleep 0.05; done
}

passing() { failing && PORT=0 ONCE=1 node server.js; }
