"""`python-socketio`, the client with threads, as published: goes through the steps of a visit."""

import queue

import socketio
from steps import *


class Peer:
    def __init__(self, url, transports, token=None):
        self.inboxes = {event: queue.Queue() for event in EVENTS}
        self.client = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.25, handle_sigint=False)
        for event, inbox in self.inboxes.items():
            self.client.on(event, lambda *args, inbox=inbox: inbox.put(args))
        self.client.connect(url, auth=token and {"token": token}, transports=transports, wait_timeout=DEADLINE)

    def ask(self, event, payload):
        return self.client.call(event, payload, timeout=DEADLINE)

    def next(self, event, matches=lambda *args: True):
        while True:
            try:
                args = self.inboxes[event].get(timeout=DEADLINE)
            except queue.Empty:
                raise TimeoutError(f"waited {DEADLINE} s for {event}") from None
            if matches(*args):
                return args

    def texts(self, count):
        return [self.next("enviar-mensaje")[0]["mensaje"] for _ in range(count)]


def visit(office, token, echo, transports, transport):
    writer, member, outsider = peers = [Peer(office, transports, token) for _ in range(3)]
    with Step(GREETED):
        for peer in peers:
            peer.next("connect")
            (greeting,) = peer.next("saludo")
            equal((greeting["emisor"], greeting["id"]), ("Server", peer.client.get_sid()))
    with Step(TRANSPORT):
        equal([peer.client.transport() for peer in peers], [transport] * 3)
    with Step(TICKET):
        answer = writer.ask("siguiente-ticket", {})
        equal((answer["ok"], answer["ticket"]["numero"], len(answer["ticket"]["token"])), (True, 1, 32))
    with Step(TEXT):
        # None alone would send no argument.
        equal(writer.ask("siguiente-ticket", (None,))[-4:], "-002")
    with Step(DISPLAY):
        queue_now = member.ask("entrar-pantalla", {})["cola"]
        equal((queue_now["tipo"], queue_now["esperando"]), ("instantanea", 2))
    with Step(BROADCAST):
        hears(writer, member, 3)
    with Step(ROOM):
        inside = member.ask("entrar-cliente", {"nombre": "Berta", "sala": "azul"})
        equal([person["nombre"] for person in inside["personas"]], ["Berta"])
        equal(writer.ask("entrar-cliente", {"nombre": "Ana"})["ok"], True)
        equal(outsider.ask("entrar-cliente", {"nombre": "Carla"})["ok"], True)
        member.next("usuario-conectado", lambda person: person["nombre"] == "Carla")
        equal(writer.ask("enviar-mensaje", {"mensaje": "a la sala", "sala": "azul"})["ok"], True)
        equal(writer.ask("enviar-mensaje", {"mensaje": "a todos"})["ok"], True)
        # This client has a thread for each event: they may overtake each other on the way to the inbox.
        equal(sorted(member.texts(2)), ["a la sala", "a todos"])
        equal(outsider.texts(1), ["a todos"])
    with Step(PRIVATE):
        equal(writer.ask("enviar-mensaje", {"mensaje": "en privado", "para": member.client.get_sid()})["ok"], True)
        equal(writer.ask("enviar-mensaje", {"mensaje": "a todos otra vez"})["ok"], True)
        messages = [member.next("enviar-mensaje")[0] for _ in range(2)]
        message = next(message for message in messages if message["privado"])
        found = (message["mensaje"], message["nombre"], message["de"], message["privado"])
        equal(found, ("en privado", "Ana", writer.client.get_sid(), True))
        equal(outsider.texts(1), ["a todos otra vez"])
    with Step(BINARY):
        mirror = Peer(echo, transports)
        mirror.client.emit("message", BYTES)
        equal(mirror.next("message-back"), (BYTES,))
        equal(mirror.ask("message-with-ack", BYTES), BYTES)
        mirror.client.disconnect()
    with Step(STOPPED):
        comes_back(peers, "stop", 4)
    with Step(KILLED):
        comes_back(peers, "kill", 5)
    for peer in peers:
        peer.client.disconnect()


def hears(writer, member, number):
    ticket = writer.ask("siguiente-ticket", {})["ticket"]
    equal(ticket["numero"], number)
    _, detail = member.next("ultimo-ticket", lambda last, detail: last == number)
    equal(detail["codigo"], ticket["codigo"])
    (changes,) = member.next("cola", lambda news: news["tipo"] == "cambios")
    equal([(change["tipo"], change["codigo"]) for change in changes["cambios"]], [("emitido", ticket["codigo"])])


def comes_back(peers, how, number):
    before = [peer.client.get_sid() for peer in peers]
    say(f"restart {how}")
    for peer in peers:
        peer.next("connect")
        equal(peer.client.get_sid() in before, False)
    equal(peers[1].ask("entrar-pantalla", {})["cola"]["esperando"], number - 1)
    hears(peers[0], peers[1], number)


if __name__ == "__main__":
    visit(*arguments())
