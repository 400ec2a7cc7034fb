needs="npm"

prepare() {
  mkdir greeting
  echo '{"name": "greeting", "version": "1.0.0"}' > greeting/package.json
  echo '{"name": "app", "version": "1.0.0"}' > package.json
  npm install --package-lock-only
  npm pkg set dependencies.greeting=file:./greeting
}

failing() { npm ci; }

fix() { npm install --package-lock-only; }
