needs="python"

prepare() {
  mkdir -p app
  touch app/__init__.py
  echo 'VAT = 0.2' > app/prices.py
  printf 'from .prices import VAT\n\nprint(VAT)\n' > app/main.py
}

failing() { python app/main.py; }

fix() { :; }

passing() { python -m app.main; }
