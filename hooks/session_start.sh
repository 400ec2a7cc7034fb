#!/bin/sh
# Starts session_start.py beside it: with the Python that wrote the briefs, because to look for one takes longer
# than all the rest, and not at all where no brief was ever written. Nothing that fails here fails the session.
here=${0%/*}
briefs=$CLAUDE_PLUGIN_DATA/briefs
if [ -n "$CLAUDE_PLUGIN_DATA" ] && [ ! -d "$briefs" ]; then
    exit 0
elif [ -n "$CLAUDE_PLUGIN_DATA" ] && [ -x "$briefs/python" ]; then
    "$briefs/python" -I -S "$here/session_start.py" 2>/dev/null
else
    sh "$here/../scripts/python" -I -S "$here/session_start.py" 2>/dev/null
fi
exit 0
