"""Objects in buckets: what functions rely on when they read a pinned version piece by piece."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def version(cloud):
    s3 = cloud.client('s3')
    s3.create_bucket(Bucket='ranges', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    s3.put_bucket_versioning(Bucket='ranges', VersioningConfiguration={'Status': 'Enabled'})
    first = s3.put_object(Bucket='ranges', Key='a b', Body=b'0123456789')['VersionId']
    s3.put_object(Bucket='ranges', Key='a b', Body=b'something else')
    return s3, first


def test_a_range_of_an_older_version(version):
    s3, first = version
    answer = s3.get_object(Bucket='ranges', Key='a b', VersionId=first, Range='bytes=2-4')
    assert answer['ResponseMetadata']['HTTPStatusCode'] == 206
    assert (answer['ContentRange'], answer['ContentLength']) == ('bytes 2-4/10', 3)
    assert answer['Body'].read() == b'234'
    assert answer['VersionId'] == first
    with pytest.raises(ClientError, match='InvalidRange|416'):
        s3.get_object(Bucket='ranges', Key='a b', VersionId=first, Range='bytes=10-12')
    assert s3.get_object(Bucket='ranges', Key='a b', VersionId=first)['Body'].read() == b'0123456789'
