"""A range of one version of an object: ministack answers a pinned version as a whole, AWS answers the range (206)."""

from ministack.services import s3

from .patching import replace


def install() -> None:
    """Cut what ministack answers for a version down to the range that was asked for."""
    get_object = s3._get_object

    def get_range(bucket_name, key, headers, query_params=None):
        answer = get_object(bucket_name, key, headers, query_params)
        status, answer_headers, body = answer
        asked = headers.get('range', '')
        if status != 200 or not asked or not s3._qp(query_params or {}, 'versionId', ''):
            return answer
        total = len(body)
        bounds = s3._parse_range(asked, total)
        if bounds is None:
            error = s3._xml_body(s3._range_error_xml(bucket_name, key))
            return 416, {'Content-Type': 'application/xml', 'Content-Range': f'bytes */{total}'}, error
        start, end = bounds
        piece = body[start : end + 1]
        cut = {'Content-Length': str(len(piece)), 'Content-Range': f'bytes {start}-{end}/{total}'}
        # The checksum is the one of the whole object; AWS leaves it out here.
        kept = {name: value for name, value in answer_headers.items() if not name.lower().startswith('x-amz-checksum')}
        return 206, {**kept, **cut}, piece

    replace(s3, '_get_object', get_range)
