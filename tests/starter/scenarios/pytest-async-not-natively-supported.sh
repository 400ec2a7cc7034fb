needs="pytest"

prepare() {
  touch pyproject.toml
  printf 'async def test_ok():\n    assert True\n' > test_async.py
}

failing() { pytest; }

fix() {
  cat >> pyproject.toml <<'EOF'
[tool.pytest.ini_options]
asyncio_mode = "auto"
EOF
}
