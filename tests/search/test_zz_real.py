from archive.models import *
from archive.search.index import index
from tests.search.conftest import titles
from tests.search.test_index import counts_by_rows
def test_real(lives):
    print([(str(t.tag),t.tag.slug,t.state,t.tag.broader) for t in Tagging.objects.filter(story=lives["lily"],tag__kind="place")])
    print(titles("place=paris"))
    assert index.tag_counts()==counts_by_rows()
    assert 0
