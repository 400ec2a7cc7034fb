"""What is kept on this machine, what waits to be sent, and what may leave: for people and for scripts."""

import time
from dataclasses import asdict
from typing import Any

from commontrace import drafts, egress, pauses, render
from commontrace.config import LOCAL
from commontrace.drafts import DraftRecord
from commontrace.memory import copies, meter, repos, rests
from commontrace.outbox import Item
from commontrace.runtime import Runtime
from commontrace.stores import Store

SHOWN_MOST = 10
Document = dict[str, Any]


def document(runtime: Runtime) -> Document:
    """Everything as one JSON document; asks stores whether they answer, and starts none."""
    waiting = runtime.outbox.items("queued", "refused")
    return {
        "stores": [_store(runtime, store) for store in runtime.stores.values()],
        "default_store": runtime.config.default_store,
        "leaves": [_flow(flow) for flow in egress.WITHOUT_STORE],
        "drafts": [_draft(record) for record in drafts.listed(runtime.memory)],
        "outbox": [_item(item) for item in waiting],
        "paused": [
            {"what": pause.kind, "name": pause.name, "since": pause.since}
            for pause in pauses.Pauses(pauses.path(runtime.folders.data)).all()
        ],
        "meter": {"days": meter.DAYS, **asdict(meter.read(runtime.memory))},
        "shown": [dict(row) for row in runtime.memory.recently_shown(SHOWN_MOST)],
        "taken_back": [dict(row) for row in repos.taken_back(runtime.memory, SHOWN_MOST)],
        "files": {
            "config": str(runtime.folders.config),
            "memory": str(runtime.folders.memory),
            "store": str(runtime.folders.store),
            "logs": str(runtime.folders.logs),
        },
    }


def text(status: Document) -> str:
    """The document for a person; what waits to be sent is quoted byte for byte."""
    lines = [f"Paused: {_place(pause)}" for pause in status["paused"]]
    lines += ["Stores"]
    for store in status["stores"]:
        lines += _store_lines(store, default=store["name"] == status["default_store"])
    lines += ["  without a store, this machine is left by:"]
    lines += [f"    {_flow_line(flow)}" for flow in status["leaves"]]
    lines += ["", f"Drafts that wait for your yes: {len(status['drafts'])}"]
    lines += [
        f"  {draft['id']}  for {draft['store']}  {render.one_line(draft['title'])}"
        for draft in status["drafts"]
    ]
    lines += ["", f"On their way to a store: {len(status['outbox'])}"]
    for item in status["outbox"]:
        lines += _item_lines(item)
    lines += ["", *_meter_lines(status["meter"])]
    lines += ["", f"Last traces shown to the agent: {len(status['shown'])}"]
    lines += [_shown_line(shown) for shown in status["shown"]]
    if status["taken_back"]:
        lines += ["", f"Shown to the agent, and taken back by its store since: {len(status['taken_back'])}"]
        lines += [_taken_back_line(shown) for shown in status["taken_back"]]
    return "\n".join(lines)


def _meter_lines(counts: Document) -> list[str]:
    asked = f"{counts['searches']} searches, {counts['silent']} of them ended in silence"
    given = f"traces: {counts['injected']}, earlier solutions of this machine: {counts['recalled']}"
    return [
        f"Last {counts['days']} days",
        f"  failures recognised: {counts['failures']}; seen to be fixed: {counts['resolved']}",
        f"  {asked}; spared: {counts['spared']}; no store answered: {counts['away']}",
        f"  shown for failures: {given}; in all {counts['characters']} characters",
        f"  outcomes: {counts['worked']} worked, {counts['failed']} did not; offers: {counts['offers']}",
    ]


def _place(pause: Document) -> str:
    return render.one_line(" ".join(filter(None, (pause["what"], pause["name"]))))


def _store(runtime: Runtime, store: Store) -> Document:
    local = store.name == LOCAL
    kept, oldest = copies.kept(runtime.memory, store.name)
    described: Document = {
        "name": store.name,
        "url": None if local else store.url,
        "answers": (not local or runtime.folders.socket.exists()) and store.ready(),
        "permissions": None if local else asdict(store.permissions),
        "space": runtime.config.space(store.name),
        "left_alone_until": rests.until(runtime.memory, store.name),
        "copies": {"kept": kept, "oldest": oldest},
        "leaves": [],
    }
    if not local:
        open_flows = [flow for flow in egress.FLOWS if egress.allowed(flow, store.permissions)]
        described["leaves"] = [_flow(flow) for flow in open_flows]
    return described


def _flow(flow: egress.Flow) -> Document:
    return {"when": flow.when, "what": flow.holds, "request": flow.request, "permission": flow.permission}


def _flow_line(flow: Document) -> str:
    return f"when {flow['when']}: {flow['what']} ({flow['request']})"


def _store_lines(store: Document, *, default: bool) -> list[str]:
    mark = " (drafts go here)" if default else ""
    if store["name"] == LOCAL:
        state = "answers" if store["answers"] else "not running; it starts with a session"
        head = f"  {LOCAL}{mark}: on this machine, {state}; nothing leaves through it"
        return [head, *_absence_lines(store)]
    state = "answers" if store["answers"] else "does not answer"
    lines = [f"  {store['name']}{mark}: {store['url']}, {state}"]
    lines += [f"    allowed {name}: {'yes' if on else 'no'}" for name, on in store["permissions"].items()]
    lines += [*_absence_lines(store), "    leaves this machine:"]
    return lines + [f"      {_flow_line(flow)}" for flow in store["leaves"]]


def _absence_lines(store: Document) -> list[str]:
    """What is done while the store is away."""
    lines = []
    if store["left_alone_until"]:
        seconds = max(0, round(store["left_alone_until"] - time.time()))
        lines.append(f"    failed several times in a row: left alone for {seconds} s more, then asked again")
    kept, oldest = store["copies"]["kept"], store["copies"]["oldest"]
    if kept:
        day = time.strftime("%Y-%m-%d", time.localtime(oldest))
        lines.append(f"    copies of traces for when it is away: {kept}, the oldest fetched {day}")
    return lines


def _draft(record: DraftRecord) -> Document:
    return {
        "id": record.id,
        "store": record.store,
        "title": record.title,
        "verdict": record.verdict,
        "findings": list(record.findings),
        "created_at": record.created_at,
        "body": record.body,
    }


def _item(item: Item) -> Document:
    kept = ("id", "store", "kind", "trace", "draft", "state", "attempts", "next_at", "last_error", "body")
    return {name: getattr(item, name) for name in kept}


def _item_lines(item: Document) -> list[str]:
    about = f" on {item['trace']}" if item["trace"] else ""
    if item["state"] == "refused":
        state = f"refused: {item['last_error']}"
    elif item["last_error"]:
        wait = max(0, round(item["next_at"] - time.time()))
        state = f"tried {item['attempts']} times, again in {wait} s: {item['last_error']}"
    else:
        state = "not tried yet"
    head = f"  {item['kind']}{about} to {item['store']}, {state}"
    return [head, *(f"    {line}" for line in item["body"].splitlines())]


def _shown_line(shown: Document) -> str:
    return f"{_when_and_what(shown)}  confidence {shown['confidence']:.2f}, {shown['characters']} characters"


def _taken_back_line(shown: Document) -> str:
    title = render.clip(render.one_line(shown["title"]), render.TITLE_LIMIT)
    return f"{_when_and_what(shown)}  in session {render.one_line(shown['session'])}: {title}"


def _when_and_what(shown: Document) -> str:
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(shown["shown_at"]))
    reference = shown["trace"] if shown["store"] == LOCAL else f"{shown['store']}/{shown['trace']}"
    return f"  {day}  {reference}"
