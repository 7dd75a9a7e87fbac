"""`python-socketio`, the client of asyncio, as published: goes through the steps of a visit."""

import asyncio

import socketio
from steps import *


class Peer:
    def __init__(self):
        self.inboxes = {event: asyncio.Queue() for event in EVENTS}
        self.client = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.25, handle_sigint=False)
        for event, inbox in self.inboxes.items():
            self.client.on(event, lambda *args, inbox=inbox: inbox.put_nowait(args))

    @classmethod
    async def at(cls, url, transports, token=None):
        peer = cls()
        await peer.client.connect(url, auth=token and {"token": token}, transports=transports, wait_timeout=DEADLINE)
        return peer

    async def ask(self, event, payload):
        return await self.client.call(event, payload, timeout=DEADLINE)

    async def next(self, event, matches=lambda *args: True):
        while True:
            try:
                args = await asyncio.wait_for(self.inboxes[event].get(), DEADLINE)
            except asyncio.TimeoutError:
                raise TimeoutError(f"waited {DEADLINE} s for {event}") from None
            if matches(*args):
                return args

    async def texts(self, count):
        return [(await self.next("enviar-mensaje"))[0]["mensaje"] for _ in range(count)]


async def visit(office, token, echo, transports, transport):
    writer, member, outsider = peers = [await Peer.at(office, transports, token) for _ in range(3)]
    with Step(GREETED):
        for peer in peers:
            await peer.next("connect")
            (greeting,) = await peer.next("saludo")
            equal((greeting["emisor"], greeting["id"]), ("Server", peer.client.get_sid()))
    with Step(TRANSPORT):
        equal([peer.client.transport() for peer in peers], [transport] * 3)
    with Step(TICKET):
        answer = await writer.ask("siguiente-ticket", {})
        equal((answer["ok"], answer["ticket"]["numero"], len(answer["ticket"]["token"])), (True, 1, 32))
    with Step(TEXT):
        # None alone would send no argument.
        equal((await writer.ask("siguiente-ticket", (None,)))[-4:], "-002")
    with Step(DISPLAY):
        queue_now = (await member.ask("entrar-pantalla", {}))["cola"]
        equal((queue_now["tipo"], queue_now["esperando"]), ("instantanea", 2))
    with Step(BROADCAST):
        await hears(writer, member, 3)
    with Step(ROOM):
        inside = await member.ask("entrar-cliente", {"nombre": "Berta", "sala": "azul"})
        equal([person["nombre"] for person in inside["personas"]], ["Berta"])
        equal((await writer.ask("entrar-cliente", {"nombre": "Ana"}))["ok"], True)
        equal((await outsider.ask("entrar-cliente", {"nombre": "Carla"}))["ok"], True)
        await member.next("usuario-conectado", lambda person: person["nombre"] == "Carla")
        equal((await writer.ask("enviar-mensaje", {"mensaje": "a la sala", "sala": "azul"}))["ok"], True)
        equal((await writer.ask("enviar-mensaje", {"mensaje": "a todos"}))["ok"], True)
        equal(await member.texts(2), ["a la sala", "a todos"])
        equal(await outsider.texts(1), ["a todos"])
    with Step(PRIVATE):
        equal((await writer.ask("enviar-mensaje", {"mensaje": "en privado", "para": member.client.get_sid()}))["ok"], True)
        equal((await writer.ask("enviar-mensaje", {"mensaje": "a todos otra vez"}))["ok"], True)
        messages = [(await member.next("enviar-mensaje"))[0] for _ in range(2)]
        message = next(message for message in messages if message["privado"])
        found = (message["mensaje"], message["nombre"], message["de"], message["privado"])
        equal(found, ("en privado", "Ana", writer.client.get_sid(), True))
        equal(await outsider.texts(1), ["a todos otra vez"])
    with Step(BINARY):
        mirror = await Peer.at(echo, transports)
        await mirror.client.emit("message", BYTES)
        equal(await mirror.next("message-back"), (BYTES,))
        equal(await mirror.ask("message-with-ack", BYTES), BYTES)
        await mirror.client.disconnect()
    with Step(STOPPED):
        await comes_back(peers, "stop", 4)
    with Step(KILLED):
        await comes_back(peers, "kill", 5)
    for peer in peers:
        await peer.client.disconnect()


async def hears(writer, member, number):
    ticket = (await writer.ask("siguiente-ticket", {}))["ticket"]
    equal(ticket["numero"], number)
    _, detail = await member.next("ultimo-ticket", lambda last, detail: last == number)
    equal(detail["codigo"], ticket["codigo"])
    (changes,) = await member.next("cola", lambda news: news["tipo"] == "cambios")
    equal([(change["tipo"], change["codigo"]) for change in changes["cambios"]], [("emitido", ticket["codigo"])])


async def comes_back(peers, how, number):
    before = [peer.client.get_sid() for peer in peers]
    say(f"restart {how}")
    for peer in peers:
        await peer.next("connect")
        equal(peer.client.get_sid() in before, False)
    equal((await peers[1].ask("entrar-pantalla", {}))["cola"]["esperando"], number - 1)
    await hears(peers[0], peers[1], number)


if __name__ == "__main__":
    asyncio.run(visit(*arguments()))
