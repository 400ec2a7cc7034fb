#!/bin/sh
# Starts session_start.py beside it: with the Python that wrote the briefs, because to look for one takes longer
# than all the rest, and not at all where no brief was ever written. Nothing that fails here fails the session.
here=${0%/*}
briefs=$CLAUDE_PLUGIN_DATA/briefs

# Without a Python, or with an old one only, there is no server that could tell the person why nothing works.
# An environment that was built has one, unless that was removed since; uv would bring one.
tell_what_is_missing() {
    for built in "${COMMONTRACE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/commontrace}"/env/*/bin/python; do
        [ -x "$built" ] && return
    done
    command -v uv >/dev/null 2>&1 && return
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 9))' </dev/null >/dev/null 2>&1 && return
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
