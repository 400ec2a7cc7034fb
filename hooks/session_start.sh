#!/bin/sh
# Starts session_start.py beside it: with the Python that wrote the briefs, because to look for one takes longer
# than all the rest, and not at all where no brief was ever written. Nothing that fails here fails the session.
here=${0%/*}
briefs=$CLAUDE_PLUGIN_DATA/briefs

# Without a Python there is no server that could tell the person why nothing works.
tell_what_is_missing() {
    for candidate in python3 python3.13 python3.12 python3.11 python uv; do
        if command -v "$candidate" >/dev/null 2>&1; then
            return
        fi
    done
    echo '{"systemMessage": "CommonTrace is not working: Python 3.11 or newer is needed. Install it (for example: apt-get install -y python3-venv) and start a new session."}'
    exit 0
}

[ -x "$briefs/python" ] || tell_what_is_missing
if [ -n "$CLAUDE_PLUGIN_DATA" ] && [ ! -d "$briefs" ]; then
    exit 0
elif [ -n "$CLAUDE_PLUGIN_DATA" ] && [ -x "$briefs/python" ]; then
    "$briefs/python" -I -S "$here/session_start.py" 2>/dev/null
else
    sh "$here/../scripts/python" -I -S "$here/session_start.py" 2>/dev/null
fi
exit 0
