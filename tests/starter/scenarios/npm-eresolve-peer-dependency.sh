needs="npm tar"

prepare() {
  pack core 1.5.0
  pack core 2.0.0
  pack table 1.0.0 '"peerDependencies": {"core": "^1.0.0"},'
  pack table 2.0.0 '"peerDependencies": {"core": "^2.0.0"},'
  for project in upgrade downgrade legacy; do
    mkdir $project
    echo '{"name": "app", "version": "1.0.0", "dependencies": {"core": "file:../core-2.0.0.tgz"}}' > $project/package.json
  done
}

# pack NAME VERSION FIELDS: a package as npm fetches it, since directories are linked without a look at peers.
pack() {
  mkdir -p package
  echo "{\"name\": \"$1\", ${3:-} \"version\": \"$2\"}" > package/package.json
  tar -czf "$1-$2.tgz" package
}

failing() { cd upgrade && npm install ../table-1.0.0.tgz; }

fix() {
  (cd upgrade && npm install ../table-2.0.0.tgz)
  (cd downgrade && npm install ../core-1.5.0.tgz ../table-1.0.0.tgz)
  (cd legacy && npm install ../table-1.0.0.tgz --legacy-peer-deps)
}

passing() {
  (cd upgrade && npm ls core)
  (cd downgrade && npm ls core)
  (cd legacy && ! npm ls core)
}
