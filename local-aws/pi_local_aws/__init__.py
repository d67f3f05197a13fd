"""The embedded AWS of pi-aws: ministack, plus what it lacks.

``ministack`` (pinned in requirements.txt) answers the AWS APIs. This package starts it on the loopback
interface only and adds what the templates need: resource types, file systems with real directories,
application auto scaling, enforced stack policies, tasks that really run, a pace and faults.
"""

VERSION = '1.0.0'
MINISTACK_VERSION = '1.5.33'
