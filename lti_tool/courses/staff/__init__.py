"""Who teaches beside the host's teacher: co-teachers of the host, tutors of partner schools."""
