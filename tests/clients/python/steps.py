"""What the tests of both kinds of the client share: reporting, checking, and what is expected at each step."""

import sys

DEADLINE = 15
BYTES = bytes(range(256))

EVENTS = ("connect", "saludo", "ultimo-ticket", "cola", "usuario-conectado", "enviar-mensaje", "message-back")

GREETED = "is greeted with its id"
TRANSPORT = "is on the transport that it was told to use"
TICKET = "takes a ticket and gets it in the callback"
TEXT = "takes a ticket with null and gets a text"
DISPLAY = "joins the display and gets the queue"
BROADCAST = "hears of a number that another takes"
ROOM = "gets what is written to its room, and others do not"
PRIVATE = "gets a private message, and others do not"
BINARY = "gets its bytes back, in an event and in an acknowledgement"
STOPPED = "comes back by itself after the server was stopped"
KILLED = "comes back by itself after the server was killed"


class Step:
    """Reports the step that it encloses."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            say(f"ok {self.name}")
        else:
            say(f"failed {self.name}: {kind.__name__} {error}".replace("\n", " "))
        return False


def say(line):
    print(line, flush=True)


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} instead of {expected!r}")


def arguments():
    """Address of the office, token to show there, address of the echo server, transports to offer (`None`: begin with one and go over), transport in the end."""
    office, token, echo, transport = sys.argv[1:]
    return (office, token, echo, None, "websocket") if transport == "upgrade" else (office, token, echo, [transport], transport)
