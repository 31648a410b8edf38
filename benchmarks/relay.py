"""A relay between a client and a server: `relay.py plain|CERTIFICATE HOST PORT`, with a certificate behind TLS.

A thread for each direction, blocking sockets: its own cost is the same for both but for the encryption.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading

AT_ONCE = 262_144  # bytes; a page of 100 issues is about twice this


def pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes, until it ends or one of both is gone."""
    with contextlib.suppress(OSError):  # the client has left: nothing is lost that it wants
        while piece := source.recv(AT_ONCE):
            target.sendall(piece)
    for each in (source, target):
        with contextlib.suppress(OSError):  # was closed before
            each.shutdown(socket.SHUT_RDWR)


def accept(client: socket.socket, context: ssl.SSLContext | None, server: tuple[str, int]) -> None:
    """Open the way to the server, and hand on in both directions."""
    for each in (client, upstream := socket.create_connection(server)):
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    inside = context.wrap_socket(client, server_side=True) if context else client
    threading.Thread(target=pump, args=(inside, upstream), daemon=True).start()
    pump(upstream, inside)


def main() -> None:
    certificate, host, port = sys.argv[1:4]
    context = None
    if certificate != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(f"listening on http{'s' * bool(context)}://localhost:{listener.getsockname()[1]}", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=accept, args=(client, context, (host, int(port))), daemon=True).start()


if __name__ == "__main__":
    main()
