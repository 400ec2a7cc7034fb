"""Where a session works: languages, frameworks, packages with their resolved versions, system and runtimes.

A repository is hostile input: nothing of it runs, no link is followed, and the files, their bytes, what is
kept of them and the time are bounded. Nothing here knows the repository's remotes.
"""

from commontrace.context.gathering import gather
from commontrace.context.project import Project, read

__all__ = ["Project", "gather", "read"]
