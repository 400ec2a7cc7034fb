"""The store of one machine: started on demand, shared by all sessions, gone when idle."""
