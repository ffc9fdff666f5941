"""Both sides of every ratio: two processes, one request at a time, nothing kept alive."""

workers = 2
worker_class = "sync"
control_socket_disable = True
loglevel = "warning"
