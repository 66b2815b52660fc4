"""Runs a command beside a fresh Bodega: BODEGA_HTTP and BODEGA_REDIS tell it where, BODEGA_HTTPS and
BODEGA_REDISS the same for TLS, whose certificate authority Node.js is given. The programs of the
Python that runs this come first in its PATH.

    python tests/e2e/with_server.py node --test tests/e2e/js/
"""

import os
import subprocess
import sys
import tempfile
import urllib.request

from server import Server

with Server() as bodega, tempfile.NamedTemporaryFile(suffix=".pem") as ca:
    ca.write(urllib.request.urlopen(bodega.http + "/_bodega/ca.pem").read())
    ca.flush()
    environment = {**os.environ, "BODEGA_HTTP": bodega.http,
                   "BODEGA_HTTPS": f"https://localhost:{bodega.http_address[1]}",
                   "BODEGA_REDIS": f"redis://{bodega.redis[0]}:{bodega.redis[1]}",
                   "BODEGA_REDISS": f"rediss://localhost:{bodega.redis[1]}",
                   "NODE_EXTRA_CA_CERTS": ca.name,
                   "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    status = subprocess.run(sys.argv[1:], env=environment).returncode
sys.exit(status)
