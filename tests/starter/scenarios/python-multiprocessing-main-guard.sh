# "spawn" is what macOS and Windows do by themselves.
needs="python"

prepare() {
  cat > work.py <<'EOF'
import multiprocessing


def square(n):
    return n * n


worker = multiprocessing.get_context("spawn").Process(target=square, args=(3,))
worker.start()
worker.join()
raise SystemExit(worker.exitcode)
EOF
}

failing() { python work.py; }

fix() {
  cat > work.py <<'EOF'
import multiprocessing


def square(n):
    return n * n


def main():
    worker = multiprocessing.get_context("spawn").Process(target=square, args=(3,))
    worker.start()
    worker.join()
    raise SystemExit(worker.exitcode)


if __name__ == "__main__":
    main()
EOF
}
