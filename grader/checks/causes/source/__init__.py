"""What the learner's own source shows, where nothing that the node said or did tells why it failed. Pure."""
