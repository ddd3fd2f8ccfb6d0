"""Runs a program and writes down what it is told and says: tee.py LOG COMMAND…"""

import subprocess
import sys
import threading

log = open(sys.argv[1], "ab", buffering=0)
program = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def pass_on(name, source, target):
    for line in source:
        log.write(name + b" " + line)
        target.write(line)
        target.flush()
    target.close()


told = threading.Thread(target=pass_on, args=(b"toProgram", sys.stdin.buffer, program.stdin), daemon=True)
told.start()
pass_on(b"fromProgram", program.stdout, sys.stdout.buffer)
