needs="pytest"

prepare() {
  mkdir -p app src/shop tests
  echo 'VAT = 0.2' | tee app/__init__.py src/shop/__init__.py
  printf 'from app import VAT\n\ndef test_vat():\n    assert VAT == 0.2\n' > tests/test_app.py
  printf 'from shop import VAT\n\ndef test_vat():\n    assert VAT == 0.2\n' > tests/test_shop.py
  echo '[project]' > pyproject.toml
}

failing() { pytest; }

fix() {
  cat >> pyproject.toml <<'EOF'
[tool.pytest.ini_options]
pythonpath = [".", "src"]
EOF
}
