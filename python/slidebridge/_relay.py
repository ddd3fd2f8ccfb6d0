"""The program that the bridge starts for ``slidebridge.testing``: it joins its stdin and stdout with the socket of the test. It ends when either side ends."""

import os
import socket
import sys
import threading

AT_ONCE = 1 << 16


def main() -> None:
    test = socket.socket(socket.AF_UNIX)
    test.connect(sys.argv[1])
    threading.Thread(target=_from_bridge, args=(test,), daemon=True).start()
    try:
        while True:
            said = test.recv(AT_ONCE)
            if not said:
                break
            while said:
                said = said[os.write(1, said) :]
    except OSError:
        pass  # The bridge or the test has ended.
    os._exit(0)


def _from_bridge(test: socket.socket) -> None:
    try:
        while True:
            heard = os.read(0, AT_ONCE)
            if not heard:
                break
            test.sendall(heard)
    except OSError:
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
