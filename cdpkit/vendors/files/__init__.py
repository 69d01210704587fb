"""Files: people come from files of a folder or a bucket, and a segment goes into a file there."""

from cdpkit.kit.exporting import Exporter
from cdpkit.kit.importing import Importer
from cdpkit.kit.values import folded
from cdpkit.kit.vendor import Vendor
from cdpkit.vendors.files import look, places, pull, push, source, target

VENDOR = Vendor(
    name="files",
    title="Files",
    help="CSV, Parquet, JSON and Excel files in a folder or an S3 bucket",
    own_settings=places.SETTINGS,
    limits=places.LIMITS,
    check=look.check,
    discover=look.discover,
    things=(look.FILES,),
    account=("address", "s3_endpoint"),
    importer=Importer(
        options=source.OPTIONS,
        identifiers=(),
        everyone=None,
        problems=source.source_problems,
        pull=pull.pull,
        needs=(),
        reads=source.reads,
        glimpse=source.GLIMPSE,
        groups=True,
    ),
    exporter=Exporter(
        options=target.OPTIONS,
        identifiers=(),
        problems=target.target_problems,
        lists=lambda _: (),
        compared=lambda values, _: folded(values, lower=False),
        convert=target.convert,
        way=push.way,
        whole=push.whole,
    ),
)
