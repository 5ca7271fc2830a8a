"""Everything that is kept about a person: each feature registers what it holds; from that come the page "My data", the
copy to download, and erasure. See docs/developer/privacy.md."""
