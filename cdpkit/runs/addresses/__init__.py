"""Sources that lie at addresses, `https://` and `s3://`, brought to this machine."""
