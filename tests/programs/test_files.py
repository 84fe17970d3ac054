"""Files of a reply in the terminal: kept where one works, over nothing and nowhere else."""

import stat

import pytest

from bot.domain.errors import InputError
from bot.domain.reply import File
from bot.programs.output import write_new_file


def test_a_name_that_is_taken_gets_a_number(tmp_path):
    paths = [write_new_file(File("orders.log", text), tmp_path) for text in (b"one", b"two", b"three")]

    assert [path.name for path in paths] == ["orders.log", "orders-2.log", "orders-3.log"]
    assert [path.read_bytes() for path in paths] == [b"one", b"two", b"three"]
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600


def test_a_link_to_elsewhere_is_not_followed(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "elsewhere")

    assert write_new_file(File("a.txt", b"x"), tmp_path).name == "a-2.txt"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "name", ["../up.txt", "/etc/x", "..", ".", "", ".bashrc", "a\x1b[2J\n.txt", "a/b/../c"]
)
def test_no_name_leads_out_of_the_folder_or_hides(tmp_path, name):
    path = write_new_file(File(name, b"x"), tmp_path)

    assert path.parent == tmp_path
    assert list(tmp_path.iterdir()) == [path]
    assert not path.name.startswith(".")
    assert path.name.isprintable()


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be written: File name too long"):
        write_new_file(File("x" * 300, b"x"), tmp_path)
