"""The server: ministack's application behind our own routes, on the loopback interface and nowhere else."""

import asyncio
import json
import os
import signal

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import lambda_runtime

from . import additions, backup, control, pace, persistence, settings
from .ecs import restore
from .rds import engine
from .stacks import resume

_SECONDS_TO_FINISH = 1


async def application(scope, receive, send):
    """Our routes first; everything else is AWS."""
    if scope['type'] == 'http' and scope['path'].startswith(control.PREFIX):
        status, body = control.answer(scope['method'], scope['path'], await _body(receive))
        text = json.dumps(body).encode()
        headers = [(b'content-type', b'application/json'), (b'content-length', str(len(text)).encode())]
        await send({'type': 'http.response.start', 'status': status, 'headers': headers})
        await send({'type': 'http.response.body', 'body': text})
        return
    if scope['type'] == 'lifespan':
        await ministack.app(scope, receive, _after_start(send))
        return
    await ministack.app(scope, receive, send)
    if scope['type'] == 'http' and scope['method'] != 'GET':
        persistence.changed()


def _after_start(send):
    """When ministack has loaded its state, end what a restart interrupted and begin to save."""

    async def wrapped(message):
        if message['type'] == 'lifespan.startup.complete':
            persistence.start()
            asyncio.get_running_loop().create_task(resume.unfinished())
            backup.resume()
            restore.resume()
        await send(message)

    return wrapped


async def _body(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get('body', b''))
        if not message.get('more_body'):
            return b''.join(parts)


def run() -> None:
    """Serve until SIGTERM or SIGINT, then save."""
    current = settings.current()
    pace.set_pace(current.pace)
    additions.install()
    persistence.recover()
    # It would write the files of its own end one by one; they are saved behind it (_serve).
    ministack.save_all = lambda services: None
    config = Config()
    config.bind = [f'{settings.LOOPBACK}:{current.port}']
    config.keep_alive_timeout = 75
    config.graceful_timeout = _SECONDS_TO_FINISH
    config.accesslog = None
    config.errorlog = None
    asyncio.run(_serve(config))


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await serve(application, config, shutdown_trigger=stop.wait)
    persistence.save()
    engine.stop_all()
    lambda_runtime.reset()
    # A stack operation in progress would hold the loop until it is done; the next start ends it (stacks/resume.py).
    os._exit(0)
