"""Shell text cut into commands and words, and the releases that ranges allow."""

import pytest

from migrations.scan.findings import FilePosition
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import split_commands
from migrations.scan.sdks import SpokenApi, allowed_sdk_releases, find_go_sdk, python_sdk_api


def cut(text):
    return [[word.text for word in command] for command in split_commands(text, FilePosition(1, 1))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b; c | d && e", [["a", "b"], ["c"], ["d"], ["e"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a \\\n  b\nc", [["a", "b"], ["c"]]),
        ("a # b\nc #d", [["a"], ["c"]]),
        ("a#b", [["a#b"]]),
        ("x=$(a b | c) d", [["a", "b"], ["c"], ["x=$(…)", "d"]]),
        ('e "x $(a "b c") y"', [["a", "b c"], ["e", "x $(…) y"]]),
        ("e `a b` c", [["a", "b"], ["e", "$(…)", "c"]]),
        ("a <<EOF\nb 'c\nEOF\nd", [["a", "b 'c"], ["d"]]),
        ("a <<-'X' | e\n\tb\n\tX\nd", [["a", "\tb"], ["e"], ["d"]]),
        ("a <<< b", [["a", "b"]]),
        ("a > b 2>&1", [["a", "b", "2"], ["1"]]),
        ("a 'b", [["a", "b"]]),
        ('a "b $(c', [["c"], ["a", "b $(…)"]]),
        ("a '' \"\"", [["a", "", ""]]),
        ("", []),
        ("\\", []),
    ],
)
def test_commands_and_words(text, expected):
    assert cut(text) == expected


def test_words_keep_their_places():
    found = [
        (word.text, word.place)
        for command in split_commands("a b\n  'c'\\\n d", FilePosition(10, 5))
        for word in command
    ]

    assert found == [
        ("a", FilePosition(10, 5)),
        ("b", FilePosition(10, 7)),
        ("c", FilePosition(11, 4)),
        ("d", FilePosition(12, 2)),
    ]


@pytest.mark.parametrize(
    "text", ["$API/x", "${API}/x", "${API:-y}/x", "{{ API }}/x", "${{ env.API }}/x", "${{ vars.API }}/x"]
)
def test_variables_that_are_known_are_put_in(text):
    assert expand_variables(text, {"API": "v"}) == "v/x"


def test_a_variable_that_is_not_known_stays_or_takes_its_default():
    assert expand_variables("$B ${B} ${B:-c}", {}) == "$B ${B} c"


@pytest.mark.parametrize(
    ("allows", "speaks"),
    [
        ("==1.2.0", SpokenApi.V1),
        ("==3.0.0", SpokenApi.V1),
        ("<3", SpokenApi.V1),
        ("^1.2", SpokenApi.V1),
        ("1.2.0", SpokenApi.V1),
        (">=3.0.1", SpokenApi.V2),
        ("==3.0.1", SpokenApi.V2),
        (">3", SpokenApi.V2),
        ("^3.0.1", SpokenApi.V2),
        ("~=3.0.1", SpokenApi.V2),
        ("==3.0.7", SpokenApi.V2),
        ("==3.2.*", SpokenApi.V2),
        (">3.0.5,<3.0.7", SpokenApi.V2),
        (">=3,!=3.0.*", SpokenApi.V2),
        ("~3.0.1", SpokenApi.V2),
        ("~3", SpokenApi.EITHER),
        ("~1.2", SpokenApi.V1),
        ("==1.1.3", SpokenApi.V1),
        (">=3", SpokenApi.EITHER),
        ("~=3.0.0", SpokenApi.EITHER),
        ("^3.0", SpokenApi.EITHER),
        ("", SpokenApi.EITHER),
        ("*", SpokenApi.EITHER),
        ("some words", SpokenApi.EITHER),
    ],
)
def test_what_a_range_of_releases_speaks(allows, speaks):
    assert python_sdk_api(allows) is speaks


@pytest.mark.parametrize(
    ("text", "allows"),
    [
        ("ionoscloud-dbaas-postgres==1.2.0", "==1.2.0"),
        ("IonosCloud_DBaaS.Postgres[x] >=3 ; python_version>'3'", ">=3"),
        ("ionoscloud-dbaas-postgres", ""),
        ("ionoscloud-dbaas-mongo==1", None),
        ("-r other.txt", None),
        ("", None),
    ],
)
def test_requirements(text, allows):
    assert allowed_sdk_releases(text) == allows


@pytest.mark.parametrize(
    ("path", "is_v1"),
    [
        ("github.com/ionos-cloud/sdk-go-dbaas-postgres", True),
        ("github.com/ionos-cloud/sdk-go-dbaas-postgres/v2", True),
        ("github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql", True),
        ("github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2", True),
        ("github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3", False),
        ("github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psqlite", False),
        ("github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mongo/v2", False),
    ],
)
def test_which_go_modules_speak_v1(path, is_v1):
    assert (find_go_sdk(path) is not None) is is_v1
