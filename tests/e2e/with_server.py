"""Runs a command beside a fresh Bodega: BODEGA_HTTP and BODEGA_REDIS tell it where, and
BODEGA_REDIS_CLUSTER where a Redis is that is shown as a cluster; BODEGA_HTTPS and BODEGA_REDISS the same
for TLS, whose certificate authority Node.js is given. The programs of the
Python that runs this come first in its PATH.

    python tests/e2e/with_server.py node --test tests/e2e/js/
"""

import os
import subprocess
import sys
import tempfile
import urllib.request

from server import Server

CLUSTER = ("--redis", "127.0.0.1:0,cluster=127.0.0.1:0", "--redis-cluster", "cluster=3x1")

with Server(*CLUSTER) as bodega, tempfile.NamedTemporaryFile(suffix=".pem") as ca:
    ca.write(urllib.request.urlopen(bodega.http + "/_bodega/ca.pem").read())
    ca.flush()
    cluster = next(line for line in bodega.lines if line.startswith("cluster="))
    environment = {**os.environ, "BODEGA_HTTP": bodega.http,
                   "BODEGA_REDIS_CLUSTER": cluster.removeprefix("cluster="),
                   "BODEGA_HTTPS": f"https://localhost:{bodega.http_address[1]}",
                   "BODEGA_REDIS": f"redis://{bodega.redis[0]}:{bodega.redis[1]}",
                   "BODEGA_REDISS": f"rediss://localhost:{bodega.redis[1]}",
                   "NODE_EXTRA_CA_CERTS": ca.name,
                   "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    status = subprocess.run(sys.argv[1:], env=environment).returncode
sys.exit(status)
