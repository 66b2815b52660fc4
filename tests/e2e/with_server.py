"""Runs a command beside a fresh Bodega: BODEGA_HTTP and BODEGA_REDIS tell it where.

    python tests/e2e/with_server.py node --test tests/e2e/js/
"""

import os
import subprocess
import sys

from server import Server

with Server() as bodega:
    environment = {**os.environ, "BODEGA_HTTP": bodega.http,
                   "BODEGA_REDIS": f"redis://{bodega.redis[0]}:{bodega.redis[1]}"}
    status = subprocess.run(sys.argv[1:], env=environment).returncode
sys.exit(status)
