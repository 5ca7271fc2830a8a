"""What is done in discussions: writing (posting), deciding about what others wrote (moderating), the hub's word filter."""
