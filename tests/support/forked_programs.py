"""Programs of pgbot forked off a process that has imported everything: they start at once."""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
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


def run_forked(arguments, env, cwd, seconds, user=None):
    """Run a program to its end, as another user of the machine where one is named: its exit code, output and
    errors. Raises TimeoutError after killing it."""
    order = {"arguments": arguments, "env": env, "cwd": str(cwd) if cwd else str(Path.cwd()), "user": user}
    with (
        socket.socket(socket.AF_UNIX) as line,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        line.connect(_server())
        socket.send_fds(line, [json.dumps(order).encode() + b"\n"], [out.fileno(), err.fileno()])
        line.settimeout(seconds)
        with line.makefile("rb") as answers:
            pid = int(answers.readline())
            try:
                code = int(answers.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
        texts = [file.read().decode() for file in (out, err) if file.seek(0) == 0]
    return code, *texts


def _serve(address):
    # Only the server imports the bot. Another user may not be able to read the files of modules, so that a
    # fork must not need one that is not here yet.
    import httpx  # noqa: PLC0415

    import bot.programs.read_alone  # noqa: PLC0415
    from bot.programs import cli  # noqa: PLC0415

    cli.open_programs(*cli.PROGRAMS)
    bot.programs.read_alone.registry()  # handlers, too, are imported once
    httpx.create_ssl_context()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _look_after(line, cli.main)
            line.close()


def _look_after(line, main):
    """Fork the program, and tell its process id and its exit code. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, files, _, _ = socket.recv_fds(line, 1 << 20, 2)
    while not text.endswith(b"\n"):
        text += line.recv(1 << 20)
    pid = os.fork()
    if pid == 0:
        line.close()
        _be_a_program(json.loads(text), files, main)
    line.sendall(f"{pid}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):  # whoever asked may have gone
        line.sendall(f"{code}\n".encode())
    os._exit(0)


def _be_a_program(order, files, main):
    """Never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        if order["user"] is not None:
            os.setgroups([])
            os.setgid(order["user"])
            os.setuid(order["user"])
        os.chdir(order["cwd"])
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
