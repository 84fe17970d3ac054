"""Programs of pgbot forked off a process that has imported everything: they start at once."""

import asyncio
import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def _server():
    """Start the process that forks; the socket at which it takes orders."""
    folder = tempfile.mkdtemp(prefix="pgbot-fork-")
    address = f"{folder}/socket"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, __file__, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept | {"PYTHONWARNINGS": "error", "PYTHONPATH": str(ROOT)},
    )
    process.stdout.readline()

    def stop():
        process.kill()
        process.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    return address


class ForkedProcess:
    """A program that runs, used as asyncio's own `Process`."""

    def __init__(self, pid, answers, stdout, stderr):
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self._end = asyncio.create_task(answers.readline())

    @property
    def returncode(self):
        return int(self._end.result()) if self._end.done() else None

    async def wait(self):
        return int(await asyncio.shield(self._end))

    async def communicate(self):
        out, err, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return out, err

    def send_signal(self, number):
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and nobody has told us yet
                os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


@asynccontextmanager
async def forked(arguments, env, cwd, *, user=None, script=None):
    """Run pgbot, or a script that imports much of it; never leave it behind. `user` is the id of another user
    of the machine."""
    order = {
        "arguments": [str(each) for each in arguments],
        "env": env,
        "cwd": str(cwd or Path.cwd()),
        "user": user,
        "script": script and str(script),
    }
    address = await asyncio.to_thread(_server)
    answers, line = await asyncio.open_unix_connection(address)
    pipes = [os.pipe() for _ in range(2)]
    ends = [writing for _, writing in pipes]
    content = json.dumps(order).encode() + b"\n"
    with socket.socket(fileno=os.dup(line.get_extra_info("socket").fileno())) as sending:
        socket.send_fds(sending, [content], ends)
    for each in ends:
        os.close(each)
    out, err = [await _read_end(reading) for reading, _ in pipes]
    process = ForkedProcess(int(await answers.readline()), answers, out, err)
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()
        line.close()
        await line.wait_closed()


async def _read_end(pipe):
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb"))
    return reader


def _serve(address):
    # Only the server imports the bot. Another user may not be able to read the files of modules, so that a
    # fork must not need one that is not here yet.
    import bot.ionos.transport  # noqa: PLC0415
    import bot.programs.program_arguments  # noqa: PLC0415
    from bot.programs import cli, serve  # noqa: PLC0415

    for path in Path(serve.__file__).parent.glob("*_program.py"):
        importlib.import_module(f"bot.programs.{path.stem}")
    # What a program loads when it needs it: handlers, rules, the engine, and what reads files of Terraform.
    serve._import_rest()
    for name in ("bot.reports.calendar_file", "hcl2", "uvicorn.lifespan.on"):
        importlib.import_module(name)
    bot.ionos.transport._tls_context()  # read once for all
    running = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        # Until whoever has started it is gone, however that ended.
        while sys.stdin not in (ready := select.select([listener, sys.stdin, *running], [], [])[0]):
            for ended in running.keys() & ready:
                _tell_end(ended, *running.pop(ended))
            if listener in ready:
                line, _ = listener.accept()
                text, files = _receive(line)
                pid = _fork_program(text, files, cli.main)
                _tell(line, pid)
                running[os.pidfd_open(pid)] = pid, line


def _receive(line):
    """Return an order and the pipes for its output; of a caller that is gone, what it has sent."""
    text, files, _, _ = socket.recv_fds(line, 1 << 20, 2)
    while not text.endswith(b"\n") and (more := line.recv(1 << 20)):
        text += more
    return text, files


def _fork_program(text, files, main):
    """Fork the program that is ordered, and return its process id. No order at all ends in an error."""
    pid = os.fork()
    if pid == 0:
        _be_a_program(text, files, main)
    for each in files:
        os.close(each)
    return pid


def _tell_end(pidfd, pid, line):
    os.close(pidfd)
    _tell(line, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    line.close()


def _tell(line, number):
    with contextlib.suppress(OSError):  # whoever asked may have gone
        line.sendall(f"{number}\n".encode())


def _be_a_program(text, files, main):
    """Never returns."""
    code = 1
    try:
        order = json.loads(text)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # what the server and other programs have open
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        if order["user"] is not None:
            os.setgroups([])
            os.setgid(order["user"])
            os.setuid(order["user"])
        os.chdir(order["cwd"])
        if not order["env"].get("PYTHONWARNINGS"):
            warnings.simplefilter("ignore")
        if order["script"]:
            sys.argv = [order["script"], *order["arguments"]]
            runpy.run_path(order["script"], run_name="__main__")
            code = 0
        else:
            code = main(order["arguments"])
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - the fork must end here, and its output say why
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
