"""Runs a command on a terminal of its own: what is typed here is typed there, what is drawn there comes out here.

Ends with the command's exit code, 128 + the signal's number when a signal ended it.
"""

import os
import pty
import sys

status = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:]))
sys.exit(status if status >= 0 else 128 - status)
