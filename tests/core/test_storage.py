"""Files are kept whole or not at all, in a directory and in an S3 bucket alike."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from lti_tool.core.storage import Storage, TooLarge, open_storage


@pytest.fixture(params=["file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    if request.param == "file":
        yield open_storage(f"file:{tmp_path / 'files'}")
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        boto3.client("s3").create_bucket(
            Bucket="school-files", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield open_storage("s3://school-files/tool")


def test_what_is_saved_is_read_back(storage: Storage) -> None:
    content = "Отчёт".encode() * 100_000
    stored = storage.save(io.BytesIO(content), limit=len(content))
    assert stored.size == len(content)
    assert b"".join(storage.read(stored.key)) == content
    storage.check()


def test_two_equal_files_are_two_files(storage: Storage) -> None:
    first, second = (storage.save(io.BytesIO(b"same"), limit=10) for _ in range(2))
    assert first.key != second.key
    assert first.sha256 == second.sha256
    storage.delete(first.key)
    assert b"".join(storage.read(second.key)) == b"same"


def test_too_large_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        storage.save(io.BytesIO(b"12345"), limit=4)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_missing_file_is_told(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read("00/none")
    storage.delete("00/none")


@pytest.mark.parametrize("steps", [[3, 4], [5 * 2**20, 5 * 2**20, 7 * 2**20], [8 * 2**20], [8 * 2**20, 8 * 2**20, 1]])
def test_a_file_comes_in_pieces(storage: Storage, steps: list[int]) -> None:
    content = random.Random(1).randbytes(sum(steps))
    begun, offset = storage.begin(), 0
    for step in steps:
        piece = content[offset : offset + step]
        storage.append(begun, offset, io.BytesIO(piece + b"a piece that was written and never counted"))
        storage.append(begun, offset, io.BytesIO(piece))
        offset += step
    storage.finish(begun, offset)
    storage.finish(begun, offset)
    assert b"".join(storage.read(begun.key)) == content
    assert b"".join(storage.read(begun.key, 2, 6)) == content[2:6]
    with storage.open(begun.key) as file:
        file.seek(-2, io.SEEK_END)
        assert file.read() == content[-2:]


def test_pieces_are_given_up(storage: Storage, tmp_path: Path) -> None:
    begun = storage.begin()
    storage.append(begun, 0, io.BytesIO(b"some"))
    with pytest.raises(FileNotFoundError):
        storage.finish(begun, 5)
    storage.abandon(begun)
    storage.abandon(begun)
    for attempt in (lambda: storage.append(begun, 4, io.BytesIO(b"more")), lambda: storage.finish(begun, 4)):
        with pytest.raises(FileNotFoundError):
            attempt()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_everything_kept_is_listed_and_comes_back_under_its_key(storage: Storage) -> None:
    """As a backup reads it, and as restoring it into an empty storage writes it."""
    kept = [storage.save(io.BytesIO(f"file {number}".encode()), limit=100) for number in range(3)]
    storage.append(storage.begin(), 0, io.BytesIO(b"on its way, and so not kept yet"))
    assert sorted(storage.every_key()) == sorted(each.key for each in kept)
    lost, damaged, whole = kept
    storage.delete(lost.key)
    assert storage.put(lost.key, io.BytesIO(b"file 0"))
    assert not storage.put(damaged.key, io.BytesIO(b"as it was before"))
    found = {key: b"".join(storage.read(key)) for key in storage.every_key()}
    assert found == {lost.key: b"file 0", damaged.key: b"as it was before", whole.key: b"file 2"}


@pytest.mark.parametrize("key", ["../outside", "00/none", "", "ab/" + "0" * 33])
def test_nothing_is_put_under_a_name_that_is_no_key(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        storage.put(key, io.BytesIO(b"x"))
    assert list(storage.every_key()) == []


def test_more_files_than_one_answer_of_s3_holds(storage: Storage) -> None:
    keys = {f"{number % 256:02x}/{number:032x}" for number in range(1005)}
    for key in keys:
        storage.put(key, io.BytesIO(b"x"))
    assert set(storage.every_key()) == keys
