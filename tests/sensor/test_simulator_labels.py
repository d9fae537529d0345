import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.simulator import Label, labels_from_tsv, labels_to_tsv
from sensor.simulator.labels import TRIAL_TYPES

milliseconds = st.integers(0, 50_000_000).map(lambda ms: ms / 1000)
details = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
labels = st.builds(Label, milliseconds, milliseconds, st.sampled_from(sorted(TRIAL_TYPES)), details)


@given(st.lists(labels))
def test_a_table_reads_back_as_it_was_written(written: list[Label]) -> None:
    assert labels_from_tsv(labels_to_tsv(written)) == tuple(sorted(written))


def test_a_table_is_bids() -> None:
    text = labels_to_tsv([Label(12.5, 3.0, "handling", "rocking"), Label(0.0, 20.0, "asleep")])
    assert text == "onset\tduration\ttrial_type\tdetail\n0.000\t20.000\tasleep\tn/a\n12.500\t3.000\thandling\trocking\n"


def test_columns_may_stand_in_any_order_and_detail_may_be_absent() -> None:
    assert labels_from_tsv("trial_type\tonset\tduration\nrhythmic\t1\t2\n\n") == (Label(1.0, 2.0, "rhythmic"),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "no column 'onset'"),
        ("onset\tduration\n", "no column 'trial_type'"),
        ("onset\tduration\ttrial_type\n1\t2\n", "line 2: 2 cells"),
        ("onset\tduration\ttrial_type\n1\t2\tyawn\n", "line 2: trial_type 'yawn'"),
        ("onset\tduration\ttrial_type\nsoon\t2\tasleep\n", "line 2: could not convert"),
        ("onset\tduration\ttrial_type\n-1\t2\tasleep\n", "line 2: onset -1"),
        ("onset\tduration\ttrial_type\n1\tnan\tasleep\n", "line 2: onset 1.0 and duration nan"),
        ("onset\tduration\ttrial_type\tdetail\n1\t2\tasleep\ttwo words\n", "line 2: detail"),
    ],
)
def test_a_wrong_table_is_refused_by_its_line(text: str, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        labels_from_tsv(text)
