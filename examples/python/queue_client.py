"""Takes a number and follows the calls until it is called. In one terminal `siguiente demo`, in another:

    cd examples/python && python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python queue_client.py            # or: … queue_client.py http://other-host:8080

Then call the number at http://localhost:8080/desk.
"""

import asyncio
import sys
import uuid

import socketio


async def main(url):
    client = socketio.AsyncClient()
    # The key makes sure that a repeated try takes no second number.
    key = str(uuid.uuid4())
    called = asyncio.Event()
    mine = None

    @client.event
    async def connect():
        nonlocal mine
        # Live calls go to displays: join them, also after a lost connection.
        await client.call("entrar-pantalla", {})
        answer = await client.call("siguiente-ticket", {"clave": key})
        if not answer["ok"]:
            print(answer["msg"])
            return called.set()
        mine = answer["ticket"]["codigo"]
        print(f"Your number is {mine}, {answer['ticket']['delante']} before you.")

    @client.event
    async def disconnect(reason):
        if not called.is_set():
            print(f"No connection ({reason}). It comes back by itself.")

    @client.on("llamada")
    async def call(event):
        print(f"{event['codigo']} to desk {event['escritorio']}")
        if event["codigo"] == mine:
            called.set()

    await client.connect(url, retry=True)
    await called.wait()
    await client.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"))
