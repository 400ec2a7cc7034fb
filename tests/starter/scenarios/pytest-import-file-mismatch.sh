needs="pytest"

prepare() {
  touch pytest.ini
  for part in api worker; do
    mkdir -p tests/$part
    echo 'def test_ok(): pass' > tests/$part/test_models.py
  done
  cp -r . ../other
}

failing() { pytest; }

fix() {
  touch tests/__init__.py tests/api/__init__.py tests/worker/__init__.py
}

passing() {
  pytest
  cd ../other
  pytest --import-mode=importlib
}
