"""Files that the scan reads, skips, and names as unreadable."""

import os

import pytest
from scan_kit import ID, KNOWN, V1, scan_text

from migrations.scan import files
from migrations.scan.findings import KnownCluster, match_cluster
from migrations.scan.scan import scan_paths
from migrations.scan.scan_coverage import ReadingWay

LINE = f"curl {V1}/clusters\n"


def put(folder, name, text=LINE):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("folder", [".git", ".terraform", "node_modules", ".venv", "__pycache__"])
def test_folders_of_tools_are_passed_over(folder, tmp_path):
    put(tmp_path, f"{folder}/inner/a.sh")
    put(tmp_path, "a.sh")

    report = scan_paths([tmp_path])

    assert [hit.path for hit in report.hits] == [(tmp_path / "a.sh").as_posix()]
    assert (report.files, report.gaps) == (1, ())


def test_modules_copied_by_go_are_passed_over_and_another_vendor_folder_is_not(tmp_path):
    put(tmp_path, "one/vendor/modules.txt", "")
    put(tmp_path, "one/vendor/a.sh")
    put(tmp_path, "two/vendor/a.sh")

    assert [hit.path for hit in scan_paths([tmp_path]).hits] == [(tmp_path / "two/vendor/a.sh").as_posix()]


def test_links_are_not_followed_but_for_the_one_that_was_named(tmp_path):
    put(tmp_path, "real/a.sh")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "tree" / "file.sh").symlink_to(tmp_path / "real" / "a.sh")
    (tmp_path / "tree" / "loop").symlink_to(tmp_path / "tree")

    assert scan_paths([tmp_path / "tree"]).files == 0
    assert scan_paths([tmp_path / "tree" / "folder"]).files == 1


def test_binary_files_are_counted_and_not_read(tmp_path):
    (tmp_path / "image.sh").write_bytes(b"\x89PNG\0 IONOS")

    report = scan_paths([tmp_path])

    assert (report.files, report.binary, report.hits, report.gaps) == (0, 1, (), ())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tool", b"\x7fELF\0" + LINE.encode()),
        ("wide", LINE.encode("utf-16-le")),
    ],
)
def test_a_file_that_names_v1_and_has_no_reader_is_a_gap(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)

    report = scan_paths([tmp_path])

    assert report.hits == ()
    assert [str(gap) for gap in report.gaps] == [
        f"{(tmp_path / name).as_posix()}: it mentions v1, and pgbot has no reader for it"
    ]


def test_prose_that_names_v1_is_counted_and_not_looked_at(tmp_path):
    put(tmp_path, "README.md")
    put(tmp_path, "page.html", "<p>ionos</p>")

    report = scan_paths([tmp_path])

    assert (report.hits, report.gaps, report.prose_naming_v1) == ((), (), 1)
    assert report.ways[ReadingWay.PROSE] == 2


def test_text_of_windows_tools_is_read(tmp_path):
    (tmp_path / "a.ps1").write_bytes(f'$Base = "{V1}"\r\n'.encode("utf-16"))

    assert [(hit.line, hit.certainty) for hit in scan_paths([tmp_path]).hits] == [(1, "exact")]


def test_a_file_that_is_too_large_is_a_gap(tmp_path):
    put(tmp_path, "a.sh", LINE + "x" * files.LARGEST_BYTES)

    report = scan_paths([tmp_path])

    assert (report.files, report.hits) == (0, ())
    assert str(report.gaps[0]) == f"{(tmp_path / 'a.sh').as_posix()}: it is larger than 4 MB"


def test_a_path_that_is_not_there_is_a_gap(tmp_path):
    report = scan_paths([tmp_path / "nowhere"])

    assert "it does not exist" in str(report.gaps[0])


def test_a_name_that_the_system_refuses_is_a_gap(tmp_path):
    report = scan_paths([tmp_path / ("x" * 5000)])

    assert len(report.gaps) == 1
    assert report.hits == ()


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.sh")

    assert scan_paths([tmp_path]).files == 0


def test_a_file_named_twice_is_read_once(tmp_path):
    path = put(tmp_path, "a.sh")

    report = scan_paths([tmp_path, path, tmp_path])

    assert (report.files, len(report.hits)) == (1, 1)


def test_hits_have_paths_as_they_were_given(tmp_path, monkeypatch):
    put(tmp_path, "sub/a.sh")
    monkeypatch.chdir(tmp_path)

    assert [hit.path for hit in scan_paths([tmp_path.__class__()]).hits] == ["sub/a.sh"]


@pytest.mark.parametrize(
    ("name", "text", "trouble"),
    [
        ("a.tf", 'resource "ionoscloud_pg_cluster" {{{\n', "Terraform (line 1)"),
        ("a.yml", "ionos: [\nkind: PostgresCluster\n", "YAML (line 2)"),
        ("a.py", "print 'ionos'\n", "Python 3 (line 1)"),
        ("pyproject.toml", "ionoscloud-dbaas-postgres = = 1\n", "TOML"),
        ("setup.cfg", "ionoscloud-dbaas-postgres\n", "setup.cfg"),
        ("a.tfstate", '{"type": "ionoscloud_pg_cluster"', "JSON"),
    ],
)
def test_a_document_not_in_its_language_is_a_gap(name, text, trouble, tmp_path):
    report = scan_text(tmp_path, name, text)

    assert len(report.gaps) == 1
    assert f"not valid {trouble}" in report.gaps[0].why


def test_addresses_are_found_even_where_the_language_is_broken(tmp_path):
    report = scan_text(
        tmp_path, "chart.yaml", f"key: [\nurl: {V1}\n# url: {V1}\n  - ionosctl dbaas pg c ls\n - x: ]["
    )

    assert [(hit.rule_id, hit.line) for hit in report.hits] == [("PGR124", 2), ("PGR124", 4)]
    assert len(report.gaps) == 1


def test_a_broken_file_that_does_not_name_the_vendor_is_no_gap(tmp_path):
    report = scan_text(tmp_path, "a.tf", 'resource "other" {{{\n')

    assert (report.files, report.parsed, report.gaps) == (1, 0, ())


def test_trouble_shows_nothing_of_the_file(tmp_path):
    for name, text in (
        ("a.tf", 'ionos "Canary-1" {{{'),
        ("b.yml", "ionos: {postgres Canary-2: [}"),
        ("c.py", "ionos Canary-3"),
    ):
        put(tmp_path, name, text)

    report = scan_paths([tmp_path])

    assert len(report.gaps) == 3
    assert "Canary" not in repr(report)


def test_a_pin_counts_for_the_folders_below_it(tmp_path):
    put(tmp_path, "requirements/base.txt", "ionoscloud-dbaas-postgres==3.0.1\n")
    put(tmp_path, "src/app/a.py", "import ionoscloud_dbaas_postgres\n")
    put(tmp_path, "legacy/requirements.txt", "ionoscloud-dbaas-postgres==1.2.0\n")
    put(tmp_path, "legacy/b.py", "import ionoscloud_dbaas_postgres\n")

    paths = [hit.path for hit in scan_paths([tmp_path]).hits]

    assert paths == [(tmp_path / "legacy" / name).as_posix() for name in ("b.py", "requirements.txt")]


def test_pins_that_disagree_allow_either(tmp_path):
    put(tmp_path, "requirements.txt", "ionoscloud-dbaas-postgres==3.0.1\n")
    put(tmp_path, "requirements-dev.txt", "ionoscloud-dbaas-postgres==1.2.0\n")
    put(tmp_path, "a.py", "import ionoscloud_dbaas_postgres\n")

    assert [hit.line for hit in scan_paths([tmp_path]).hits if hit.path.endswith("a.py")] == [1]


def test_windows_line_ends_and_byte_order_marks_do_not_move_places(tmp_path):
    (tmp_path / "a.sh").write_bytes(b"\xef\xbb\xbf#!/bin/sh\r\n" + LINE.encode().replace(b"\n", b"\r\n"))

    assert [(hit.line, hit.column) for hit in scan_paths([tmp_path]).hits] == [(2, 6)]


def test_a_cluster_is_told_by_id_even_inside_a_backups_id():
    assert match_cluster([f"{ID}-4oymiqu-15"], KNOWN) == ID
    assert match_cluster([ID.upper()], KNOWN) == ID


def test_a_cluster_is_told_by_its_whole_name_only():
    assert match_cluster(["Orders-Prod"], KNOWN) == ID
    assert match_cluster(["orders-prod-2", "orders"], KNOWN) is None


def test_an_ambiguous_name_tells_nothing():
    twins = (*KNOWN, KnownCluster("other", "orders-prod"))

    assert match_cluster(["orders-prod"], twins) is None
    assert match_cluster(["orders-prod", ID], twins) == ID
    assert match_cluster([], twins) is None
