needs="python"

prepare() {
  cat > prune.py <<'EOF'
stock = {"pear": 0, "plum": 3}
for name, count in stock.items():
    if count == 0:
        del stock[name]
print(stock)
EOF
}

failing() { python prune.py; }

fix() { sed -i 's/for name, count in stock.items():/for name, count in list(stock.items()):/' prune.py; }
