"""Objects in S3 buckets: the one place that knows boto3."""

from cdpkit.transport.buckets.carrier import ObjectCarrier

__all__ = ["ObjectCarrier"]
