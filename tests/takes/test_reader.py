from pathlib import Path

import made_takes as made

from engine.takes.reader import Take


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    path = made.make(tmp_path)
    with Take(path) as take:
        assert take.header == made.HEADER
        assert [made.plain(record) for record in take.records()] == [made.plain(each) for each in made.show(0, 100)]
        assert take.complete
        assert take.damage == ""
