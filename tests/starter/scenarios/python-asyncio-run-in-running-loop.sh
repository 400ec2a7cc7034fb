needs="python"

prepare() {
  cat > app.py <<'EOF'
import asyncio


async def fetch():
    return 1


def load():
    return asyncio.run(fetch())


async def main():
    print(load())


asyncio.run(main())
EOF
  sed 's/asyncio.run(fetch())/asyncio.get_running_loop().run_until_complete(fetch())/' app.py > loop.py
}

failing() {
  fails python loop.py
  python app.py
}

fix() {
  cat > app.py <<'EOF'
import asyncio


async def fetch():
    return 1


async def load():
    return await fetch()


async def main():
    print(await load())


asyncio.run(main())
EOF
  cat > thread.py <<'EOF'
import asyncio
from concurrent.futures import ThreadPoolExecutor


async def fetch():
    return 1


def load():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, fetch()).result()


async def main():
    print(load())


asyncio.run(main())
EOF
}

passing() { python -W error app.py && python -W error thread.py; }
