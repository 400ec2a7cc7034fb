# What webpack 4 does for every module.
needs="node"

prepare() { echo 'console.log(require("node:crypto").createHash("md4").update("").digest("hex"));' > bundle.js; }

failing() { node bundle.js; }

fix() { export NODE_OPTIONS=--openssl-legacy-provider; }

passing() { fix && node bundle.js; }
