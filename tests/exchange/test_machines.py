"""What machines read: catalogues that harvest, LMSs that take a cartridge, descriptions as LOM."""

from __future__ import annotations

import threading
import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from werkzeug.serving import make_server

from lti_tool.core.db import db, unit_of_work
from lti_tool.exchange.harvesting import protocol
from lti_tool.exchange.harvesting.protocol import OaiError, _resumed
from lti_tool.exchange.models import PUBLIC, Resource
from lti_tool.exchange.seeding import seed_resources
from tests.exchange.scene import Scene, build
from tests.factories.platforms import add_organization
from tests.lms import School

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it holds escapes that Python calls old
    from sickle import Sickle
    from sickle.oaiexceptions import BadArgument, IdDoesNotExist, NoRecordsMatch

CP = "{http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1}"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@pytest.fixture
def harvester(app: Flask) -> Iterator[Sickle]:
    """An independent harvester at the tool, over HTTP."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Sickle(f"http://127.0.0.1:{server.server_port}/oai", encoding="utf-8")
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_independent_harvester_takes_everything_public(
    app: Flask, harvester: Sickle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 7)
    ids = [add_organization(app, "One"), add_organization(app, "Two")]
    with app.app_context(), unit_of_work():
        seed_resources(80, ids)
    with app.app_context():
        public = set(db.session.scalars(db.select(Resource.id).where(Resource.visibility == PUBLIC)))
        of_one = db.session.scalars(
            db.select(Resource.id).where(Resource.id.in_(public), Resource.organization_id == ids[0])
        ).all()
    assert len(public) > 8
    for prefix in ("oai_dc", "lom"):
        got = list(harvester.ListRecords(metadataPrefix=prefix))
        assert {int(record.header.identifier.rpartition("/")[2]) for record in got} == public
    assert len(list(harvester.ListIdentifiers(metadataPrefix="oai_dc", set=f"organization:{ids[0]}"))) == len(of_one)
    assert [each.setName for each in harvester.ListSets()] == ["One", "Two"]
    assert harvester.Identify().deletedRecord == "persistent"
    assert {each.metadataPrefix for each in harvester.ListMetadataFormats()} == {"oai_dc", "lom"}
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": "2999-01-01"})
    with pytest.raises(BadArgument):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": "tomorrow"})
    with pytest.raises(IdDoesNotExist):
        harvester.GetRecord(metadataPrefix="oai_dc", identifier="oai:tool.example:resource/0")


def test_a_record_is_told_as_deleted_once_it_is_no_longer_public(scene: Scene) -> None:
    public = scene.a.publish(title="Rivers & <lakes>", visibility="public")
    hub = scene.a.publish(title="Secret", visibility="hub")
    stranger = scene.app.test_client()

    def record(number: int) -> str:
        return stranger.get(
            f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:tool.example:resource/{number}"
        ).text

    assert "Rivers &amp; &lt;lakes&gt;" in record(public)
    assert "idDoesNotExist" in record(hub)
    scene.a.send(f"/exchange/{public}/edit", visibility="own")
    assert 'status="deleted"' in record(public)
    assert "Rivers" not in record(public)
    assert "Secret" not in stranger.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text


@given(st.text(max_size=60))
def test_no_token_but_ours_is_taken(token: str) -> None:
    with pytest.raises(OaiError):
        _resumed(token)


@given(
    st.dictionaries(
        st.sampled_from(["verb", "from", "set", "identifier", "x"]),
        st.lists(st.text(max_size=12), min_size=1, max_size=2),
    )
)
def test_wrong_requests_are_errors_of_the_protocol(arguments: dict[str, list[str]]) -> None:
    with pytest.raises(OaiError):
        protocol._checked({**arguments, "x": ["y"]})


def test_a_collection_goes_out_as_a_cartridge(scene: Scene) -> None:
    page = scene.a.publish("page", title="Text & more", body="**bold** <script>alert(1)</script>")
    link = scene.a.publish(title="Link")
    file = scene.a.publish("file", title="Files", files=[(BytesIO(b"Some text."), "список.txt")])
    hidden = scene.a.publish(title="Hidden", visibility="own")
    collection = scene.a.publish("collection", title="All", visibility="hub")
    for number in (page, link, file, hidden):
        scene.a.send(f"/exchange/{number}", "/collect", collection=str(collection))
    answer = scene.b.get(f"/exchange/{collection}/cartridge.imscc")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    package = answer.data
    answer.close()
    with zipfile.ZipFile(BytesIO(package)) as archive:
        assert archive.testzip() is None
        manifest = etree.fromstring(archive.read("imsmanifest.xml"))
        assert manifest.findtext(f"{CP}metadata/{CP}schemaversion") == "1.3.0"
        titles = [each.text for each in manifest.iterfind(f".//{CP}item/{CP}title")]
        assert "Text & more" in titles
        assert "список.txt" in titles
        assert "Hidden" not in titles
        listed = {each.get("href") for each in manifest.iterfind(f".//{CP}file")}
        assert listed == set(archive.namelist()) - {"imsmanifest.xml"}
        identifiers = {each.get("identifier") for each in manifest.iterfind(f".//{CP}resource")}
        assert {each.get("identifierref") for each in manifest.iterfind(f".//{CP}item[@identifierref]")} == identifiers
        text = archive.read("resource_1/about.html").decode()
        assert "<strong>bold</strong>" in text
        assert "<script>" not in text
        assert archive.read("resource_3/file_1.txt") == b"Some text."
    assert scene.b.get(f"/exchange/{hidden}/cartridge.imscc").status_code == 404
    described = etree.fromstring(scene.b.get(f"/exchange/{link}/lom.xml").data)
    assert described.findtext(".//{http://ltsc.ieee.org/xsd/LOM}title/{http://ltsc.ieee.org/xsd/LOM}string") == "Link"
