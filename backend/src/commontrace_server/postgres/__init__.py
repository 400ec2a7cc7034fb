"""The embedded PostgreSQL: one private server per data directory, shared by every process that uses it.

`cluster.Cluster` is the way in. A process *uses* a cluster while it holds a shared lock on the cluster's
`users.lock`; the kernel drops that lock however the process ends. `keeper`, a program of its own, is the
server's parent: it sleeps until nobody holds the lock, stops the server, and exits. Nothing polls, nothing
listens on a port, and no server outlives its last user.

Files of a cluster, all below its data directory:

    pgdata/        the PostgreSQL data directory; it has this name only once it is complete
    pgdata.new.*/  one in the making
    postgres.log   what keeper and server say; postgres.log.1 is the part before it
    start.lock     held while one process looks for a live server or starts one
    users.lock     shared: in use; exclusive: the keeper is stopping the server
    keeper.lock    held by the keeper for life

The keeper loads this package without site packages, so nothing heavy belongs here.
"""

import sys

from commontrace_server.postgres.errors import UnsupportedPlatformError

if sys.platform == "win32":
    raise UnsupportedPlatformError
