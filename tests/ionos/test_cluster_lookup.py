"""Names typed by people: each finds the one intended cluster, or says why not."""

from unicodedata import normalize

import pytest

from bot.domain.cluster import Api, Cluster, Gap, Listing
from bot.domain.errors import AmbiguousName, NoSuchThing
from bot.ionos.cluster_lookup import describe_doubt, find_cluster, quote_name
from bot.ionos.endpoint import EndpointRefusal


def make_cluster(name: str, number: int = 1, region: str = "de/txl", api: Api = Api.V1) -> Cluster:
    return Cluster(
        id=f"{number:08d}-0000-4000-8000-000000000000",
        api=api,
        contract="main",
        region=region,
        name=name,
        state="AVAILABLE",
    )


ORDERS = make_cluster("orders-prod", 1)
ORDERS_2 = make_cluster("orders-prod-2", 2)
SEARCH_A = make_cluster("search", 3, "de/txl", Api.V1)
SEARCH_B = make_cluster("search", 4, "fr/par", Api.V2)
UPPER = make_cluster("Billing", 5)
LISTING = Listing((ORDERS, ORDERS_2, SEARCH_A, SEARCH_B, UPPER))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("orders-prod", ORDERS),
        ("  orders-prod ", ORDERS),
        ("ORDERS-PROD", ORDERS),
        ("orders-prod-", ORDERS_2),
        ("bill", UPPER),
        ("BILLING", UPPER),
        (ORDERS.id, ORDERS),
        (SEARCH_B.id.upper(), SEARCH_B),
        ("00000004", SEARCH_B),
    ],
)
def test_id_name_and_unique_beginning_find_the_cluster(typed, meant):
    assert find_cluster(typed, LISTING) is meant


def test_a_name_that_is_the_id_of_another_does_not_take_its_place():
    impostor = make_cluster(ORDERS.id, 9)

    assert find_cluster(ORDERS.id, Listing((impostor, ORDERS))) is ORDERS


def test_two_of_the_same_name_are_listed_with_id_region_and_api():
    with pytest.raises(AmbiguousName) as caught:
        find_cluster("search", LISTING)

    assert f"({SEARCH_A.id}, de/txl, v1)" in caught.value.sentence
    assert f"({SEARCH_B.id}, fr/par, v2)" in caught.value.sentence
    assert "id" in caught.value.next_step


def test_a_beginning_of_several_is_ambiguous():
    with pytest.raises(AmbiguousName, match="matches 2 clusters"):
        find_cluster("order", LISTING)


COMPOSED, DECOMPOSED = (make_cluster(normalize(form, "prod-é"), n) for n, form in ((6, "NFC"), (7, "NFD")))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("cluster", [COMPOSED, DECOMPOSED])
def test_a_name_finds_its_cluster_however_its_letters_are_encoded(cluster, form):
    assert find_cluster(normalize(form, "prod-é"), Listing((ORDERS, cluster))) is cluster


@pytest.mark.parametrize("typed", [COMPOSED.name, DECOMPOSED.name, "PROD-É"])
def test_names_that_differ_only_in_their_encoding_need_an_id(typed):
    """Whichever was found, nobody could see which one it is."""
    with pytest.raises(AmbiguousName, match="matches 2 clusters"):
        find_cluster(typed, Listing((COMPOSED, DECOMPOSED)), certain=True)


def test_of_names_that_differ_in_case_the_one_that_was_typed_is_found():
    other = make_cluster("BILLING", 8)

    assert find_cluster("BILLING", Listing((UPPER, other))) is other
    with pytest.raises(AmbiguousName):
        find_cluster("billing", Listing((UPPER, other)))


def test_a_long_list_of_candidates_is_cut_and_counted():
    with pytest.raises(AmbiguousName, match="and 5 more"):
        find_cluster("x", Listing(tuple(make_cluster(f"x{number}", number) for number in range(15))))


def test_a_typing_error_is_answered_with_what_was_meant():
    with pytest.raises(NoSuchThing) as caught:
        find_cluster("order-prod", LISTING)

    assert "Did you mean “orders-prod”" in caught.value.next_step


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "zzzzqqqq", "%", "\u202e", "🚀" * 50])
def test_nonsense_is_not_found(typed):
    with pytest.raises(NoSuchThing):
        find_cluster(typed, LISTING)


def test_where_we_could_not_look_is_said():
    gaps = (Gap(where="v2 fr/par (contract main)", why="cannot be reached"),)

    with pytest.raises(NoSuchThing) as caught:
        find_cluster("payments", Listing((ORDERS,), gaps))

    assert "could not be read: v2 fr/par (contract main): cannot be reached" in caught.value.next_step


def test_places_that_give_the_same_reason_share_it():
    gaps = [
        EndpointRefusal(where=f"v2 {number}", why="is silent (1)", step="Wait." if number else "")
        for number in range(5)
    ]

    with pytest.raises(NoSuchThing, match="It is unknown whether there is a cluster “payments”") as caught:
        find_cluster("payments", Listing((), tuple(gaps)))
    assert caught.value.next_step == (
        "It may be where something could not be read: v2 0, v2 1, v2 2 and 2 more: is silent (1). Wait."
    )


GAPS = (Gap(where="v2 fr/par (contract main)", why="does not accept the credentials (401)"),)


@pytest.mark.parametrize("typed", ["orders-prod", "ORDERS-PROD", "orders-prod-", "00000001", "bill"])
def test_a_name_that_fits_one_of_those_that_answered_is_certain_only_without_gaps(typed):
    whole, partial = Listing(LISTING.items), Listing(LISTING.items, GAPS)
    found = find_cluster(typed, partial)

    assert find_cluster(typed, whole, certain=True) is found
    with pytest.raises(AmbiguousName) as caught:
        find_cluster(typed, partial, certain=True)
    assert "could be read: v2 fr/par (contract main): does not accept" in caught.value.sentence
    assert f"({found.id}, {found.region}, {found.api})" in caught.value.sentence
    assert found.id in caught.value.next_step
    assert describe_doubt(typed, found, partial) == caught.value.sentence
    assert describe_doubt(typed, found, whole) == ""


@pytest.mark.parametrize("typed", [ORDERS.id, f" {ORDERS.id.upper()} "])
def test_a_whole_id_is_certain_wherever_we_could_not_look(typed):
    partial = Listing(LISTING.items, GAPS)

    assert find_cluster(typed, partial, certain=True) is ORDERS
    assert describe_doubt(typed, ORDERS, partial) == ""


def test_what_fits_nothing_or_several_is_the_same_with_and_without_certainty():
    partial = Listing(LISTING.items, GAPS)

    with pytest.raises(NoSuchThing):
        find_cluster("payments", partial, certain=True)
    with pytest.raises(AmbiguousName, match="matches 2 clusters"):
        find_cluster("search", partial, certain=True)


def test_names_are_shown_on_one_line_without_control_characters():
    assert quote_name("a\nb\x1b[31m\u202ec") == "“a b�[31m�c”"
    assert len(quote_name("x" * 500)) == 82
