"""What is done with files: brought in pieces (uploading), taken by a feature and let go (keeping)."""
