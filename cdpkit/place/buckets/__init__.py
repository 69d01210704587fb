"""Places in a bucket with the API of S3: objects, leases in the place of locks, and copies of what tables have."""
