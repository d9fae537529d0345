import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.events import State
from processing.labels import OWN, Label, labels_to_tsv, our_kind, parse_labels, state_at

milliseconds = st.integers(0, 50_000_000).map(lambda ms: ms / 1000)
details = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
labels_of_ours = st.builds(
    Label, onset_s=milliseconds, duration_s=milliseconds, kind=st.sampled_from(OWN), detail=details
)


@given(st.lists(labels_of_ours))
def test_a_table_reads_back_as_it_was_written(written: list[Label]) -> None:
    assert parse_labels(labels_to_tsv(written)) == (sorted(written), [])


def test_a_table_is_bids() -> None:
    rocked = Label(onset_s=12.5, duration_s=3.0, kind="handling", detail="rocking")
    text = labels_to_tsv([rocked, Label(onset_s=0, duration_s=20, kind="asleep")])
    assert text == "onset\tduration\ttrial_type\tdetail\n0.000\t20.000\tasleep\tn/a\n12.500\t3.000\thandling\trocking\n"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("rhythmic", "rhythmic"),
        ("Asleep", "asleep"),
        ("sz_foc_a_m_tonicClonic", "rhythmic"),
        ("sz_gen_m_spasms", "spasm_cluster"),
        ("sz_foc_ia_nm", "seizure"),
        ("seizure", "seizure"),
        ("bckg", "background"),
        ("lunch", None),
        ("szene", None),
    ],
)
def test_words_of_other_vocabularies(word: str, kind: str | None) -> None:
    assert our_kind(word) == kind


def test_labels_are_read_in_any_order_of_columns_with_others_between() -> None:
    text = "duration\ttrial_type\tvalue\tonset\tdetail\n10\thandling\t3\t50.5\trocking\n5\tasleep\t3\t0\tn/a\n"
    labels, unknown = parse_labels(text)
    assert [(x.kind, x.onset_s, x.end_s, x.name) for x in labels] == [
        ("asleep", 0, 5, "asleep"),
        ("handling", 50.5, 60.5, "rocking"),
    ]
    assert unknown == []


def test_szcore_labels_are_read_and_background_and_unknown_ones_left_out() -> None:
    text = "\ufeffonset\tduration\teventType\n0\t100\tbckg\n7\t20\tsz_foc_a\n9\tn/a\tlunch\n"
    labels, unknown = parse_labels(text)
    assert [(x.kind, x.onset_s) for x in labels] == [("seizure", 7)]
    assert unknown == ["lunch"]


def test_a_header_alone_says_that_nothing_happened() -> None:
    assert parse_labels("onset\tduration\ttrial_type\n") == ([], [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("onset\tduration\n", "trial_type is missing"),
        ("onset\tduration\ttrial_type\n1\t2\n", "line 2: fewer cells"),
        ("onset\tduration\ttrial_type\n\n1\t2\n", "line 3: fewer cells"),
        ("onset\tduration\ttrial_type\nsoon\t2\tasleep\n", "line 2: could not convert"),
        ("onset\tduration\ttrial_type\n-1\t2\tasleep\n", "line 2: label asleep: onset -1.0"),
        ("onset\tduration\ttrial_type\n1\tnan\tasleep\n", "line 2: label asleep"),
    ],
)
def test_labels_that_cannot_be_read_name_the_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_labels(text)


def test_state_at_a_boundary_is_the_one_that_begins() -> None:
    labels = [
        Label(onset_s=0, duration_s=50, kind="asleep"),
        Label(onset_s=50, duration_s=50, kind="awake"),
    ]
    assert [state_at(labels, t) for t in (0, 49.9, 50, 100)] == [
        State.ASLEEP,
        State.ASLEEP,
        State.AWAKE,
        State.UNKNOWN,
    ]
